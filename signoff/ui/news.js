// Says what has happened since the page was drawn, where it is not drawn again within a moment: where many tabs are
// open, each waits for its turn. A click does not wait.
const WAITING = 400 // ms from when something is heard until it is said, while the tab waits for its turn ...
const TOLD = 900 // ... and when its turn has come: it is about to be drawn
const LISTED = 8 // in the tooltip
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu // would turn what stands beside them around
const WORDS = {
  null: "new",
  recorded: "decided",
  applying: "decided",
  applied: "applied",
  failed: "failed",
  refused: "not applied",
  superseded: "not applied",
}

function newsIn(parent, ask) {
  const known = new Map() // by review, what happened last
  const button = document.createElement("button")
  button.hidden = true
  button.addEventListener("click", ask)
  const said = document.createElement("p") // for screen readers: once, not at every change of the words
  said.className = "said"
  said.role = "status"
  parent.append(button, said)

  const news = { shown: 0, told: 0, moreAt: 0, opened: null }
  news.take = ({ at, news: happened, more }) => {
    if (at <= news.shown) return
    if (more) news.moreAt = at
    for (const one of happened) {
      const heard = known.get(one.review)?.heard ?? Date.now()
      known.delete(one.review) // the last one stands last
      known.set(one.review, { ...one, at, heard })
    }
    news.show()
  }
  news.turn = mark => {
    news.told = parseInt(mark)
    news.show()
  }
  news.drawn = (mark, opened) => {
    news.shown = parseInt(mark)
    news.opened = opened
    for (const [review, one] of known) if (one.at <= news.shown) known.delete(review)
    news.show()
  }
  news.show = () => {
    clearTimeout(news.soon)
    const all = [...known.values()]
    const due = Math.min(...all.map(one => one.heard + (one.at <= news.told ? TOLD : WAITING))) // of nothing, never
    if (all.length && due > Date.now()) news.soon = setTimeout(news.show, due - Date.now())
    const appears = button.hidden && due <= Date.now()
    button.hidden = !all.length || (button.hidden && !appears)
    const words = button.hidden ? "" : inWords(all, known.get(news.opened)) + (news.moreAt > news.shown ? " · and more" : "")
    button.textContent = words && `↻ ${words}`
    button.title = all.slice(-LISTED).reverse().map(sentence).join("\n")
    if (appears || !words) said.textContent = words
  }
  news.close = () => {
    clearTimeout(news.soon)
    button.remove()
    said.remove()
  }
  return news
}

function inWords(all, opened) {
  if (opened?.outcome) return `The review that you have open: ${sentence(opened)}`
  if (all.length === 1) return sentence(all[0])
  const counts = [...new Set(Object.values(WORDS))].map(word => [all.filter(one => WORDS[one.outcome] === word).length, word])
  return counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`).join(" · ")
}

function sentence({ outcome, by, title }) {
  const word = WORDS[outcome]
  const start = word[0].toUpperCase() + word.slice(1) + (by ? ` (${by})` : "")
  return `${start}: ${title}`.replace(CONTROL, " ")
}
