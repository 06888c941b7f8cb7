'use strict';

// The ways a client may be connected, by the name that frame.js knows, and for
// which releases. Before 1.0 clients began with the best transport and fell back,
// since then they begin with polling and upgrade.
const ways = [
  ['own', 'websocket, else polling', '0.1', '0.10'],
  ['own', 'polling, then websocket', '1.0', '9'],
  ['websocket', 'websocket', '0.1', '9'],
  ['polling', 'polling (XHR)', '0.1', '9'],
  ['jsonp', 'polling (JSONP)', '0.6', '4.3'],
];

// What the page begins with where it is not a client's own way. A browser has six
// connections to a server, and each client that polls keeps one of them.
const first = { '0.5.3': 'polling', '0.8.7': 'jsonp', '1.0.6': 'polling', '2.0.4': 'jsonp' };

const numbers = (version) => version.split('.').map(Number);
const before = (a, b) => {
  const [x, y] = [numbers(a), numbers(b)];
  const i = y.findIndex((n, i) => n !== (x[i] || 0));
  return i >= 0 && (x[i] || 0) < y[i];
};
const waysOf = (version) => ways.filter(([, , from, to]) => !before(version, from) && before(version, to));

fetch('clients.json').then((answer) => answer.json()).then(({ clients, install }) => {
  if (!clients.length) {
    const hint = document.getElementById('hint');
    hint.replaceChildren('The genuine clients are not installed. This command brings them; then reload the page: ', make('code', '', install));
    return;
  }
  clients.forEach((client) => document.getElementById('frames').append(frame(client.version)));
});

function frame(version) {
  const way = first[version] || 'own';
  const figure = make('figure');
  const caption = make('figcaption', '', version);
  const select = make('select');
  select.setAttribute('aria-label', 'transport of ' + version);
  for (const [value, text] of waysOf(version)) select.append(new Option(text, value, false, value === way));
  const page = make('iframe');
  page.title = 'socket.io-client ' + version;
  const load = () => { page.src = 'frame.html?' + new URLSearchParams({ version, way: select.value }); };
  select.addEventListener('change', load);
  load();
  caption.append(select);
  figure.append(caption, page);
  return figure;
}
