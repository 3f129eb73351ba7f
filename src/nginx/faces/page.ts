import { type Place, partsOfPage } from '../../config/faces/error-page.ts'
import { block, constant, type NginxText, nginx } from '../quote.ts'

/** The variable of nginx that has what a place stands for. None of them holds what a client wrote. */
const VALUES: Readonly<Record<Place, NginxText>> = {
  status: nginx`$status`,
  title: nginx`$mfserv_face_title`,
  message: nginx`$mfserv_face_advice`,
  request_id: nginx`$mfserv_request_id`,
}

/** nginx takes no word of more than 4,096 bytes; a character has up to four. */
const PIECE = /[\s\S]{1,900}/gu

/** A page as nginx has it: its pieces as variables, and the value that puts them together. */
export interface NginxPage {
  readonly variables: readonly NginxText[]
  readonly value: NginxText
}

/** `number`: another one for each page. */
export function nginxPage(text: string, number: number): NginxPage {
  const variables: NginxText[] = []
  const parts = partsOfPage(text).flatMap((part, at): readonly NginxText[] => {
    if (at % 2 === 1) return [VALUES[part as Place]]
    return (part.match(PIECE) ?? []).map((piece) => {
      const name = nginx`$mfserv_page_${number}_${variables.length}`
      // The value of a geo is the only one in which nginx reads no variables.
      variables.push(block(nginx`geo ${name}`, [nginx`default ${constant(piece)};`]))
      return name
    })
  })
  return { variables, value: parts.reduce((all, part) => nginx`${all}${part}`, nginx``) }
}

const STYLE = `
:root{--ground:#f6f7f9;--ink:#1b2430;--soft:#566170;--line:#d5dbe3}
@media (prefers-color-scheme:dark){:root{--ground:#11161d;--ink:#e4e9f0;--soft:#9ba8b8;--line:#2f3947}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{width:100%;max-width:34rem;padding:2rem 1.5rem}
p{margin:.75rem 0 0}
h1{font-size:1.75rem;line-height:1.25;margin:.25rem 0 0}
.soft{color:var(--soft);font-size:.9rem}
.status{margin:0;font-variant-numeric:tabular-nums;letter-spacing:.06em}
.id{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
code{font:inherit;font-family:ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace}
`

/** The page of mfserv itself, which loads nothing. */
export const OWN_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{{title}}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="soft status">{{status}}</p>
<h1>{{title}}</h1>
<p>{{message}}</p>
<p class="soft id">Request id: <code>{{request_id}}</code></p>
</main>
</body>
</html>
`

/** The digest of STYLE, which a test compares. */
const STYLE_DIGEST = '0lNQMXvJ1+5dW34EdOM2f7O1GTS72zLAvG/kxPcFqCw='

export const OWN_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'`
