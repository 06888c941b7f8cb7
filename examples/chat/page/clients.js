'use strict';

// The ways a client may be connected, by the name that frame.js knows.
const ways = [
  ['upgrade', 'polling, then websocket'],
  ['websocket', 'websocket'],
  ['polling', 'polling (XHR)'],
  ['jsonp', 'polling (JSONP)'],
];

fetch('clients.json').then((answer) => answer.json()).then(({ clients, install }) => {
  if (!clients.length) {
    const hint = document.getElementById('hint');
    hint.replaceChildren('The genuine clients are not installed. This command brings them; then reload the page: ', make('code', '', install));
    return;
  }
  clients.forEach((client, i) => document.getElementById('frames').append(frame(client.version, ways[i % ways.length][0])));
});

function frame(version, way) {
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
