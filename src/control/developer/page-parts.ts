export const STYLE = `
:root{--ground:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#566170;--line:#d5dbe3;--bad:#b3261e;--code:#eef1f5}
@media (prefers-color-scheme:dark){:root{--ground:#11161d;--card:#19202a;--ink:#e4e9f0;--soft:#9ba8b8;--line:#2f3947;--bad:#ff9d95;--code:#0d1319}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:0;color:var(--bad);overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:0;overflow-wrap:anywhere}
p{margin:.6rem 0 0;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:8px;padding:1rem 1.25rem;margin:1.25rem 0 0}
.soft{color:var(--soft);font-size:.9rem}
.place code{background:var(--code);padding:.15rem .4rem;border-radius:4px}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--code);border:1px solid var(--line);border-radius:6px;padding:.75rem;margin:.4rem 0 0;max-height:24rem;overflow:auto;font-size:.85rem;line-height:1.5}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace}
`

/**
 * Looks every second whether the URL answers something else. A worker that is being started holds the question until it is
 * ready, so the page changes at that moment. What nginx answers in between is waited for.
 */
export const SCRIPT = `
const shown = document.documentElement.dataset.edition
const look = async () => {
  try {
    const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-store', headers: { Accept: 'text/html' } })
    const edition = answer.headers.get('X-Mfserv-Developer')
    const isOther = edition === null ? ![502, 503, 504].includes(answer.status) : edition !== shown
    if (isOther) return location.hash === '' ? location.replace(location.href) : location.reload()
  } catch (error) {
    // fetch says this when nginx does not answer; it is asked again.
    if (!(error instanceof TypeError)) throw error
  }
  setTimeout(look, 1000)
}
setTimeout(look, 1000)
`
