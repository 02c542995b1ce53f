"""The rules of the style sheet; colours come as variables from `style`."""

from typing import Final

__all__ = ["SHEET"]

SHEET: Final = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 ui-sans-serif,system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
.page{max-width:1180px;margin:0 auto;padding:56px 32px 72px;display:grid;grid-template-columns:188px minmax(0,1fr);
grid-template-rows:auto 1fr auto;column-gap:56px}
header,main,footer{grid-column:2;min-width:0}
h1{font-size:2.25rem;line-height:1.15;letter-spacing:-.022em;font-weight:680;margin:0 0 16px;text-wrap:balance}
h2{font-size:1.42rem;line-height:1.25;letter-spacing:-.013em;font-weight:650;margin:0 0 16px;text-wrap:balance}
h3{font-size:1.05rem;line-height:1.35;font-weight:650;margin:32px 0 10px}
p{margin:0 0 16px;max-width:68ch}
.lead{font-size:1.16rem;line-height:1.55;color:var(--muted);text-wrap:pretty}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:.06em}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
section{padding-top:36px;margin-top:40px;border-top:1px solid var(--rule)}
section>*:last-child{margin-bottom:0}
.skip{position:absolute;left:-9999px}
.skip:focus{position:fixed;left:16px;top:12px;background:var(--paper);padding:8px 12px;z-index:1}
.contents{grid-column:1;grid-row:1/span 3;position:sticky;top:40px;align-self:start;max-height:calc(100vh - 80px);
overflow-y:auto;font-size:.875rem;line-height:1.4;padding:8px 4px 4px}
.contents p{margin:0 0 8px;font-weight:650;letter-spacing:.01em}
.contents ol{list-style:none;margin:0;padding:0}
.contents a{display:block;padding:5px 0;color:var(--muted);text-decoration:none}
.contents a:hover{color:var(--accent);text-decoration:underline}
footer{margin-top:56px;padding-top:20px;border-top:1px solid var(--rule);font-size:.875rem;color:var(--muted)}
ul.list,ol.list{margin:0 0 20px;padding-left:1.25em;max-width:68ch}
.list li{margin:0 0 6px;padding-left:.2em}
.list li::marker{color:var(--muted)}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:24px 0}
.tile{background:var(--surface);border-radius:10px;padding:16px 18px 14px;flex:1 1 140px;display:flex;flex-direction:column;min-width:0}
.tile dt{font-size:.86rem;line-height:1.35;color:var(--muted)}
.tile dd{margin:0}
.tile .value{font-size:1.75rem;line-height:1.2;font-weight:650;letter-spacing:-.02em;margin:6px 0 4px}
.tile .about{font-size:.82rem;line-height:1.4;color:var(--muted)}
.scroll{overflow-x:auto;margin:0 0 24px;max-width:100%}
.about-table{margin-bottom:10px}
table{border-collapse:collapse;font-size:.92rem;line-height:1.4;min-width:min(100%,420px)}
th,td{padding:8px 20px 8px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule);overflow-wrap:normal}
th:last-child,td:last-child{padding-right:4px}
thead th{font-weight:600;color:var(--muted);font-size:.84rem;vertical-align:bottom;border-bottom-color:var(--muted)}
tbody th{font-weight:500}
td.long{min-width:13em}th.long{min-width:8.5em}
.number{text-align:right;white-space:nowrap}
.note{border-left:3px solid var(--tone);background:var(--surface);border-radius:0 10px 10px 0;padding:14px 18px;
margin:0 0 24px;max-width:76ch}
.note>*:last-child{margin-bottom:0}
.note .kind{font-weight:650;color:var(--tone);margin:0 0 2px;font-size:.92rem}
.info{--tone:var(--accent)}.good{--tone:var(--good)}.warning{--tone:var(--warning)}.bad{--tone:var(--bad)}
code,pre{font-family:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.88em}
pre{background:var(--surface);border-radius:10px;padding:14px 18px;margin:0 0 20px;overflow-x:auto;line-height:1.55}
pre code{font-size:.86rem}
.command code{user-select:all;-webkit-user-select:all}
.command code::before{content:"$ ";color:var(--muted)}
details{border-top:1px solid var(--rule);border-bottom:1px solid var(--rule);margin:0 0 24px}
details+details{margin-top:-25px}
summary{cursor:pointer;padding:12px 4px;font-weight:600;font-size:.95rem}
summary:hover{color:var(--accent)}
section>details:last-child{border-bottom:0}
details>div{padding:4px 4px 16px}
details>div>*:last-child{margin-bottom:0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:24px 40px;align-items:start;margin:0 0 32px}
.columns>div{min-width:0}
.columns>div>*:last-child{margin-bottom:0}
.columns>div>h3:first-child{margin-top:0}
figure{margin:0}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,232px),1fr));gap:24px 20px;margin:24px 0;
align-items:start}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 16px;margin:24px 0 32px}
.pair.three{grid-template-columns:repeat(3,minmax(0,1fr))}
.pair>figcaption{grid-column:1/-1;color:var(--ink)}
.picture img{display:block;max-width:100%;height:auto;border-radius:6px;background:var(--surface)}
.picture.fill img{width:100%}
figcaption{font-size:.86rem;line-height:1.45;color:var(--muted);margin-top:8px}
.chart{container-type:inline-size;margin:0 0 32px}
.chart>figcaption{color:var(--ink);font-size:.95rem;font-weight:600;margin:0 0 4px}
.chart .below{font-size:.84rem;color:var(--muted);margin:6px 0 0}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 20px;margin:0 0 8px;padding:0;font-size:.84rem}
.legend li{display:flex;align-items:center;gap:8px;min-width:0}
.legend span{color:var(--muted)}
.legend svg{flex:none}
.chart svg{display:block;overflow:visible}
.plot{width:100%;height:auto;font-size:12px;fill:var(--ink)}
.plot.narrow{display:none}
@container (max-width:620px){.plot.wide{display:none}.plot.narrow{display:block;max-width:480px}}
.grid{stroke:var(--rule);stroke-width:1}
.base{stroke:var(--muted);stroke-width:1}
.axis{fill:var(--muted)}
.curve{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:butt}
.curve.fine{stroke-width:1.2}
.rest{fill:none;stroke:var(--muted);stroke-width:1;opacity:.45}
.dot{fill:currentColor;stroke:var(--paper);stroke-width:1}
.bar{fill:currentColor}
.quiet{color:var(--muted);opacity:.55}
.whisker{stroke:var(--ink);stroke-width:1.5;fill:none}
.whisker.fine{stroke-width:1;stroke:currentColor;opacity:.6}
.ring{fill:none;stroke:currentColor;stroke-width:1.5}
.halo{stroke:var(--paper);stroke-width:5;fill:none;opacity:.75}
.mark{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:3 3;fill:none}
.spot{fill:var(--paper);stroke:var(--ink);stroke-width:2}
.label{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.heat table{border-collapse:separate;border-spacing:2px;min-width:0}
.heat th,.heat td{border:0;padding:6px 8px;font-size:.84rem;font-weight:500}
.heat td{text-align:center;min-width:52px;border-radius:4px;vertical-align:middle}
.heat thead th{text-align:center;color:var(--ink)}
.heat tbody th{text-align:right;vertical-align:middle;white-space:nowrap}
.heat .side{color:var(--muted);font-size:.8rem}
.heat td.zero{color:var(--muted)}
.heat .same{outline:1.5px solid var(--muted);outline-offset:-1.5px}
.upright{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;display:inline-block;max-height:160px}
.empty{color:var(--muted);font-style:italic;margin:0}
@media (max-width:900px){.page{display:block;padding:32px 20px 48px;max-width:820px}h1{font-size:1.8rem}
.contents{position:static;max-height:none;margin:28px 0 0;padding:0}.contents ol{display:flex;flex-wrap:wrap;gap:0 20px}
section{padding-top:28px;margin-top:28px}}
@media (max-width:460px){.tile{padding:13px 14px 12px;flex-basis:130px}.pair,.pair.three{grid-template-columns:minmax(0,1fr);gap:12px}
.tile .value{font-size:1.4rem}.gallery{grid-template-columns:minmax(0,1fr)}th,td{padding-right:14px}}
@media print{body{font-size:11pt;background:#fff}.page{display:block;padding:0;max-width:none}.contents,.skip{display:none}
section,.tile,.note,figure,tr{break-inside:avoid}section{break-inside:auto}h2,h3,.about-table{break-after:avoid}
.scroll{overflow:visible}pre{white-space:pre-wrap}a{color:inherit}
details::details-content{content-visibility:visible;block-size:auto}
.tile,.note,td,.bar,.dot,pre{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
