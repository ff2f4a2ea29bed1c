// Listens for what happens (news.js) and for the desk's mark, and has the page drawn again when it is not the one on the
// screen; tells what was typed, and when the time has come at which the page shows something else by itself.
const RETRY = [1000, 2000, 5000, 15000] // ms
const BURST = 250 // ms for which changes are gathered: a decision that is applied makes several
const GAP = 1000 // ms between two drawings that nobody asked for
const HIDDEN_GAP = 5000 // the same, while nobody looks at the tab
const TYPED = 3000 // ms after which what is being typed is brought to the server, which else hears of it with a click
const HAPPENED = ["input", "change", "click", "focusout"]
const FIELDS = "input, textarea, [contenteditable=true], [role=option]"
const FORM = /st-key-[0-9a-f]{16}-[0-9a-f]{8}-/ // the key of a field in the form of a review: review, digest, field
const NARROW = 640 // px up to which Streamlit 1.67 draws columns below each other
const tabs = new WeakMap()

function listen(address, parent, mark) {
  const tab = { newest: "", shown: mark, heardAt: 0, drawnAt: 0, failures: 0 }
  tab.news = newsIn(parent, () => tab.tell("moved", Date.now()))

  tab.connect = () => {
    tab.socket = new WebSocket(`${address}?shown=${parseInt(tab.shown) || ""}`)
    tab.socket.onmessage = event => {
      tab.failures = 0
      const told = JSON.parse(event.data)
      if (told.news) return tab.news.take(told)
      tab.newest = told.mark
      tab.news.turn(told.mark)
      if (!(tab.heardAt > tab.drawnAt)) tab.heardAt = Date.now()
      tab.look()
    }
    tab.socket.onclose = () => {
      tab.waiting = setTimeout(tab.connect, RETRY[Math.min(tab.failures++, RETRY.length - 1)])
    }
  }

  tab.look = () => {
    clearTimeout(tab.soon)
    if (!tab.newest || tab.newest === tab.shown || parseInt(tab.newest) < parseInt(tab.shown)) return
    const rest = Math.max(tab.drawnAt + (document.hidden ? HIDDEN_GAP : GAP), tab.heardAt + BURST) - Date.now()
    if (rest > 0) {
      tab.soon = setTimeout(tab.look, rest)
      return
    }
    tab.drawnAt = Date.now()
    tab.soon = setTimeout(tab.look, 2 * GAP) // should something else go first
    take(document.activeElement) // what is being typed is kept though its form may go
    tab.tell("moved", tab.newest)
  }

  tab.wind = seconds => {
    clearTimeout(tab.ticking)
    tab.ticking = setTimeout(() => tab.tell("tick", Date.now()), 1000 * seconds)
  }

  tab.touched = event => {
    if (event.isTrusted === false || !event.target.closest?.(FIELDS)) return // or our own, see take
    tab.saving ??= setTimeout(() => {
      tab.saving = null
      take(document.activeElement)
      tab.tell("typed", Date.now())
    }, TYPED)
  }
  for (const happened of HAPPENED) document.addEventListener(happened, tab.touched, true)
  if (document.activeElement) tab.touched({ target: document.activeElement }) // somebody was faster than this listener

  tab.close = () => {
    tab.news.close()
    clearTimeout(tab.waiting)
    clearTimeout(tab.soon)
    clearTimeout(tab.saving)
    clearTimeout(tab.ticking)
    for (const happened of HAPPENED) document.removeEventListener(happened, tab.touched, true)
    if (tab.socket) {
      tab.socket.onclose = null
      tab.socket.close()
    }
  }

  if (address) tab.connect() // else nobody tells of changes: the page looks by itself
  return tab
}

// Has a text that is being typed taken by its field, which otherwise waits until it is left; the cursor stays in it.
// Only in the form of a review: a search, say, would be made with half a word.
function take(field) {
  const keyed = field?.matches("input, textarea") && field.closest("[class*='st-key-']")
  if (keyed && FORM.test(keyed.className)) field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }))
}

// Shows the review that was asked for from its title on: where it would be below the list, on a phone, and where the one
// before it had been read to its end. A page in the middle of being drawn may not have it yet.
function bring(tries = 20) {
  const heading = document.querySelector("[data-testid=stMain] h3")
  if (heading && (innerWidth <= NARROW || heading.getBoundingClientRect().top < 0)) heading.scrollIntoView({ block: "start" })
  else if (!heading && tries) setTimeout(bring, 250, tries - 1)
}

function beep() {
  const audio = new AudioContext()
  const tone = audio.createOscillator()
  const volume = audio.createGain()
  tone.frequency.value = 660
  volume.gain.setValueAtTime(0.08, audio.currentTime)
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.35)
  tone.connect(volume).connect(audio.destination)
  tone.start()
  tone.stop(audio.currentTime + 0.35)
  tone.onended = () => audio.close()
}

export default function ({ data, parentElement, setTriggerValue }) {
  let tab = tabs.get(parentElement)
  if (!tab) {
    const address = data.path && new URL(data.path, location.href)
    if (address) address.protocol = address.protocol.replace("http", "ws")
    tab = listen(address, parentElement, data.mark)
    tabs.set(parentElement, tab)
  }
  if (data.mine > tab.mine && localStorage.getItem("signoff-sound") === "on") beep()
  tab.mine = data.mine
  tab.shown = data.mark
  tab.tell = setTriggerValue
  tab.wind(data.tick)
  tab.news.drawn(data.mark, data.opened)
  tab.look()
  if (data.review && data.review !== tab.review) bring()
  tab.review = data.review
  return () => {
    // Streamlit 1.67 loads a component while newer data may come in; the outdated drawing then comes behind the newer
    // one and is ended at once: the tab would be deaf, though its page is there.
    if (parentElement.isConnected) return
    tab.close()
    tabs.delete(parentElement)
  }
}
