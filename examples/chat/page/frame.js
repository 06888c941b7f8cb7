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
// Before 0.7 there were no events, only messages.
const early = /^0\.[1-6]\./.test(version);
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
  const socket = early ? speakMessages() : window.io.connect(location.protocol + '//' + location.host, legacy ? {} : options);

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

// speakMessages opens a client of 0.1 to 0.6 and shows it as one with events: to
// these clients an event is the message {name, args}, in both directions. Those
// of 0.5 knew text only, and mark JSON as the releases after them did.
function speakMessages() {
  const mark = '~j~';
  const handlers = {};
  const fire = (name, args) => (handlers[name] || []).forEach((handler) => handler(...args));
  const old = new window.io.Socket(location.hostname, { port: location.port || 80, transports: legacyTransports, rememberTransport: false });
  const on = (old.on || old.addEvent).bind(old);
  on('connect', () => fire('connect', []));
  on('disconnect', () => fire('disconnect', []));
  on('message', (message) => {
    if (typeof message === 'string' && message.startsWith(mark)) message = JSON.parse(message.slice(mark.length));
    if (message && message.name) fire(message.name, message.args);
  });
  old.connect();
  return {
    on: (name, handler) => { (handlers[name] = handlers[name] || []).push(handler); },
    emit: (name, ...args) => old.send(version.startsWith('0.5.') ? mark + JSON.stringify({ name, args }) : { name, args }),
  };
}

function setStatus(text, on) {
  $('status').textContent = text;
  $('status').classList.toggle('on', on);
}
