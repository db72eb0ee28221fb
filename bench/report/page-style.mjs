/** The style sheet of the page, light and dark. Coppice is moss green, all others are stone. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f0; --card: #ffffff; --ink: #22261f; --soft: #6b7065; --rule: #e2e0d6;
  --own: #3f7d4e; --own-dot: #1f4a2b; --rival: #c9c6b8; --rival-dot: #7d7b6e;
  --met: #3f7d4e; --missed: #c0492f; --open: #9a8f5a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #151814; --card: #1d211c; --ink: #e8e9e1; --soft: #9da295; --rule: #31362e;
    --own: #6fb07c; --own-dot: #cfeed4; --rival: #4a4f46; --rival-dot: #a5aa9c;
    --met: #7cc48a; --missed: #ee8468; --open: #cdbd7a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 56px 28px 80px; }
h1 { font-size: 40px; line-height: 1.1; letter-spacing: -0.02em; margin: 0 0 8px; }
h2 { font-size: 24px; letter-spacing: -0.01em; margin: 56px 0 2px; }
h3 { font-size: 15px; margin: 0 0 12px; font-weight: 600; }
h3::first-letter { text-transform: uppercase; }
.lead { max-width: 62ch; }
.summary::first-letter { text-transform: uppercase; }
.lead, .summary { color: var(--soft); margin: 0; }
.summary { margin-bottom: 18px; }
.facts {
  display: grid; grid-template-columns: max-content 1fr; gap: 4px 24px;
  margin: 0; font-size: 14px;
}
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
.card {
  background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 20px 22px; margin-bottom: 16px; overflow-x: auto;
}
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 16px; }
.pair .card { margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { text-align: left; font-weight: 500; color: var(--soft); padding: 6px 14px 6px 0; }
td { border-top: 1px solid var(--rule); padding: 7px 14px 7px 0; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.mark { font-weight: 600; white-space: nowrap; }
.mark.met { color: var(--met); }
.mark.missed { color: var(--missed); }
.mark.open { color: var(--open); }
.count { font-size: 20px; margin: 20px 0 28px; }
.count b { color: var(--own); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 13.5px; fill: var(--ink); }
svg .name, svg .value { text-anchor: end; }
svg .value { font-variant-numeric: tabular-nums; }
svg .tick { font-size: 11.5px; fill: var(--soft); text-anchor: middle; }
svg .grid { stroke: var(--rule); }
svg .rival rect { fill: var(--rival); }
svg .own rect { fill: var(--own); }
svg .own text { font-weight: 650; }
svg .library rect { opacity: 0.55; }
svg .library text { font-weight: 400; }
svg .range { stroke-width: 1.5; }
svg .rival .range { stroke: var(--rival-dot); }
svg .own .range { stroke: var(--own-dot); }
svg .rival .dot { fill: var(--rival-dot); }
svg .own .dot { fill: var(--own-dot); }
svg .limit line { stroke-width: 1.5; stroke-dasharray: 4 3; }
svg .limit text {
  font-size: 12.5px; stroke: var(--card); stroke-width: 5px; stroke-linejoin: round; paint-order: stroke;
}
svg .met line { stroke: var(--met); } svg .met text { fill: var(--met); }
svg .missed line { stroke: var(--missed); } svg .missed text { fill: var(--missed); }
svg .open line { stroke: var(--open); } svg .open text { fill: var(--open); }
.scale { margin: 2px 0 0; font-size: 12px; color: var(--soft); text-align: right; }
details { margin-top: 12px; font-size: 14px; }
summary { cursor: pointer; }
pre { overflow-x: auto; font-size: 12.5px; line-height: 1.6; margin: 8px 0 0; color: var(--soft); }
code { font-family: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
`;
