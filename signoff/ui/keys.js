// Single keys for the reviewer, never while something is typed. A key chooses and focuses; it never sends an answer.
const YES = ["approve", "accept", "yes", "approved", "allow", "confirm"]
const NO = ["reject", "decline", "no", "rejected", "deny", "ignore"]
const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox], [role=listbox], [role=spinbutton], [role=slider], [role=dialog], [role=menu], dialog"
const CHORD = 1500 // ms between the g and the letter after it
const NARROW = 768 // px up to which the menu lies over the page
const mounted = new WeakMap()

const page = selector => [...document.querySelectorAll(selector)].filter(one => one.offsetParent && !one.disabled)
const words = element => element.textContent.trim().toLowerCase()
const submit = () => page("[class*='st-key-'][class*='submit'] button")[0]
const isOn = name => localStorage.getItem(`signoff-${name}`) ?? (name === "keys" ? "on" : "off")

function press(found) {
  if (found?.ariaChecked !== "true") found?.click() // a choice that is clicked again is taken back
  found?.focus()
  return Boolean(found)
}

function button(label) {
  return page("[data-testid=stMain] button").find(one => words(one).endsWith(label))
}

function option(wanted) {
  const groups = [...new Set(page("[role=radio]").map(one => one.closest("[role=radiogroup]") ?? one.parentElement))]
  const offering = groups.filter(group => [...group.querySelectorAll("[role=radio]")].some(one => wanted.includes(words(one))))
  const isOpen = group => !group.querySelector("[aria-checked=true]")
  const group = offering.find(one => one.contains(document.activeElement)) ?? offering.find(isOpen) ?? offering[0]
  return group && [...group.querySelectorAll("[role=radio]")].find(one => wanted.includes(words(one)))
}

const card = () => submit()?.closest("[role=tabpanel], [data-testid=stVerticalBlock]")

// Ctrl+Enter in a comment, a search or a popover is meant for that, and must never send the answer of the open review.
function elsewhere(target) {
  return target instanceof Element && !card()?.contains(target) && Boolean(target.closest(`${TYPING}, button:not([role=tab]), a, summary`))
}

function answer() {
  const inside = "[role=radio], input, textarea, [role=combobox]"
  const field = card() && [...card().querySelectorAll(inside)].find(one => one.offsetParent && !one.disabled)
  field?.focus()
  field?.scrollIntoView({ block: "center" })
  return Boolean(field)
}

function go(name) {
  return press(page("[data-testid=stTopNavLink]").find(one => words(one).endsWith(name)))
}

// On a phone the menu of pages lies over the page, and Streamlit 1.67 leaves it there, on every page that is opened next.
function fold(event) {
  if (innerWidth > NARROW || !event.target.closest?.("[data-testid=stSidebarNavLink]")) return
  setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click(), 300)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const keys = mounted.get(parentElement) ?? {}
  keys.step = way => setTriggerValue("step", way)
  if (mounted.has(parentElement)) return keys.leave
  mounted.set(parentElement, keys)

  const find = selector => parentElement.querySelector(selector)
  const dialog = find("dialog")
  for (const [key, meaning] of data.keys) {
    const row = find("tbody").insertRow()
    const head = row.appendChild(document.createElement("th"))
    for (const part of key.split(" ")) head.appendChild(document.createElement("kbd")).textContent = part
    row.insertCell().textContent = meaning
  }
  for (const box of dialog.querySelectorAll("input")) {
    box.onchange = () => localStorage.setItem(`signoff-${box.name}`, box.checked ? "on" : "off")
  }
  const show = () => {
    for (const box of dialog.querySelectorAll("input")) box.checked = isOn(box.name) === "on"
    dialog.showModal()
    return true
  }
  find(".open").onclick = show
  find(".close").onclick = () => dialog.close()

  const actions = {
    j: () => (keys.step("on"), true),
    k: () => (keys.step("back"), true),
    o: answer,
    c: () => press(button("claim")),
    a: () => press(option(YES)),
    r: () => press(option(NO)),
    n: () => press(button("next in queue")),
    "/": () => press(page("input[aria-label^=Search]")[0]),
    "?": show,
    "g q": () => go("queue"),
    "g t": () => go("trouble"),
    "g a": () => go("audit"),
  }
  const submits = event => (event.ctrlKey || event.metaKey) && event.key === "Enter"
  let first = ""
  let since = 0

  const heard = event => {
    const target = event.composedPath()[0]
    if (submits(event) && target.closest?.("[role=radio]") && card()?.contains(target)) {
      event.preventDefault() // the choice in focus would take Enter for a click, and be taken back
      event.stopImmediatePropagation()
      press(submit())
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return
    if (target instanceof Element && target.closest(TYPING)) {
      if (event.key === "Escape" && target.matches("input, textarea")) target.blur()
      return
    }
    if (isOn("keys") !== "on") return
    const chord = first && Date.now() - since < CHORD ? `${first} ${event.key}` : event.key
    first = event.key === "g" && chord === "g" ? "g" : ""
    since = Date.now()
    const act = actions[chord]
    if (!act) return
    event.preventDefault()
    find(".said").textContent = act() ? "" : `There is nothing here for the key ${chord}.`
  }
  const guard = event => submits(event) && elsewhere(event.composedPath()[0]) && event.stopPropagation()
  document.addEventListener("click", fold, true)
  document.addEventListener("keydown", heard, true)
  document.documentElement.addEventListener("keydown", guard) // Streamlit 1.67 hears shortcuts one step further up
  keys.leave = () => {
    if (parentElement.isConnected) return // the end of an outdated drawing, see live.js
    document.removeEventListener("click", fold, true)
    document.removeEventListener("keydown", heard, true)
    document.documentElement.removeEventListener("keydown", guard)
    mounted.delete(parentElement)
  }
  return keys.leave
}
