'use strict';

// One genuine client in a frame of its own, since each release wants to be the
// only `io` of its page.
const room = 'every generation';
const query = new URLSearchParams(location.search);
const version = query.get('version') || '';
const way = query.get('way');
const options = {
  own: { transports: ['polling', 'websocket'] },
  websocket: { transports: ['websocket'] },
  polling: { transports: ['polling'], upgrade: false },
  jsonp: { transports: ['polling'], upgrade: false, forceJSONP: true },
}[way] || {};
// Before 1.0 the transports have other names, and the list of them is the
// client's: as an option it would be mixed with the client's own.
const legacy = version.startsWith('0.');
const legacyTransports = {
  own: ['websocket', 'xhr-polling', 'jsonp-polling'],
  websocket: ['websocket'],
  polling: ['xhr-polling'],
  jsonp: ['jsonp-polling'],
}[way];
const $ = (id) => document.getElementById(id);

follow($('log'));

const script = document.createElement('script');
script.src = 'clients/' + encodeURIComponent(version) + '/socket.io.js';
script.onerror = () => { $('status').textContent = 'this client is not installed'; };
script.onload = connect;
document.head.append(script);

function connect() {
  let me = null;
  if (legacy && legacyTransports) window.io.transports = legacyTransports;
  const socket = window.io.connect(location.protocol + '//' + location.host, legacy ? {} : options);

  socket.on('connect', () => {
    setStatus('connected', true);
    $('log').replaceChildren();
    socket.emit('nick', 'client ' + version);
    socket.emit('join', room);
    // The server learns of an upgrade from the transport alone; this asks it to
    // tell the room.
    const engine = socket.io && socket.io.engine;
    if (engine && engine.once) engine.once('upgrade', () => socket.emit('look'));
  });
  socket.on('connect_error', (error) => setStatus('no connection: ' + (error && error.message || error), false));
  socket.on('connect_failed', () => setStatus('no connection', false));
  socket.on('disconnect', (reason) => setStatus('disconnected: ' + (reason || 'connection lost'), false));
  socket.on('you', (member) => {
    me = member;
    $('badges').replaceChildren(badges(member));
  });
  socket.on('history', (name, lines) => lines.forEach((line) => drawLine($('log'), line, me && me.id)));
  socket.on('line', (line) => drawLine($('log'), line, me && me.id));

  $('saying').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = $('text').value.trim();
    if (text) socket.emit('say', room, text);
    $('text').value = '';
  });
}

function setStatus(text, on) {
  $('status').textContent = text;
  $('status').classList.toggle('on', on);
}
