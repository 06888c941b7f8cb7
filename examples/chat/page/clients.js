'use strict';

// The ways a client may be connected, by the name that frame.js knows. Before
// 1.0 clients began with the best transport and fell back, since then they begin
// with polling and upgrade.
const forced = [
  ['websocket', 'websocket'],
  ['polling', 'polling (XHR)'],
  ['jsonp', 'polling (JSONP)'],
];
const waysOf = (version) => [
  ['own', version.startsWith('0.') ? 'websocket, else polling' : 'polling, then websocket'],
  ...forced,
];

fetch('clients.json').then((answer) => answer.json()).then(({ clients, install }) => {
  if (!clients.length) {
    const hint = document.getElementById('hint');
    hint.replaceChildren('The genuine clients are not installed. This command brings them; then reload the page: ', make('code', '', install));
    return;
  }
  clients.forEach((client, i) => document.getElementById('frames').append(frame(client.version, i)));
});

function frame(version, i) {
  const ways = waysOf(version);
  const way = ways[i % ways.length][0];
  const figure = make('figure');
  const caption = make('figcaption', '', 'socket.io-client ' + version);
  const select = make('select');
  select.setAttribute('aria-label', 'transport of ' + version);
  for (const [value, text] of ways) select.append(new Option(text, value, false, value === way));
  const page = make('iframe');
  page.title = 'client ' + version;
  const load = () => { page.src = 'frame.html?' + new URLSearchParams({ version, way: select.value }); };
  select.addEventListener('change', load);
  load();
  caption.append(select);
  figure.append(caption, page);
  return figure;
}
