// Says what has happened since the page was drawn, where it is not drawn again within a moment: where many tabs are
// open, each waits for its turn. A click does not wait.
const NEWS_AFTER = 400 // ms
const LISTED = 8 // newest, as the button's tooltip
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
  parent.append(button)

  const news = { shown: 0, review: null, more: false }
  news.take = ({ at, news: happened, more }) => {
    if (at <= news.shown) return
    news.more ||= more
    for (const one of happened) {
      const heard = known.get(one.review)?.heard ?? Date.now()
      known.delete(one.review) // the newest is the last
      known.set(one.review, { ...one, at, heard })
    }
    news.show()
  }
  news.drawn = (mark, review) => {
    news.shown = parseInt(mark)
    news.review = review
    for (const [about, one] of known) if (one.at <= news.shown) known.delete(about)
    news.more &&= known.size > 0
    news.show()
  }
  news.show = () => {
    clearTimeout(news.soon)
    const all = [...known.values()]
    const rest = Math.min(...all.map(one => one.heard)) + NEWS_AFTER - Date.now() // of nothing, for ever
    if (all.length && rest > 0) news.soon = setTimeout(news.show, rest)
    button.hidden = !all.length || (button.hidden && rest > 0)
    button.textContent = `↻ ${inWords(all, known.get(news.review))}${news.more ? " · and more" : ""}`
    button.title = all.slice(-LISTED).reverse().map(sentence).join("\n")
  }
  news.close = () => {
    clearTimeout(news.soon)
    button.remove()
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
  const start = word === "decided" ? `${by} decided` : word[0].toUpperCase() + word.slice(1)
  return `${start}: ${title}`.replace(CONTROL, " ")
}
