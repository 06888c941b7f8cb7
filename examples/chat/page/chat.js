'use strict';

const $ = (id) => document.getElementById(id);
const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
const wire = new Wire(scheme + location.host + '/socket.io/');

const joined = new Map(); // room -> { lines, members, rev, unread }
let current = 'lobby';
let overview = { rev: 0, rooms: [] };
let me = null;
let nick = stored();

function stored() {
  try { return localStorage.getItem('nick') || ''; } catch { return ''; }
}

function fresh() {
  return { lines: [], members: [], rev: 0, unread: 0 };
}

joined.set(current, fresh());
$('nick').value = nick;

wire.on('connect', () => {
  setStatus('connected', true);
  overview = { rev: 0, rooms: [] }; // a restarted server counts anew
  if (nick) wire.emit('nick', nick);
  for (const [name, room] of joined) {
    Object.assign(room, fresh());
    wire.emit('join', name);
  }
});
wire.on('disconnect', () => setStatus('reconnecting', false));
wire.on('you', (member) => {
  me = member;
  if (!nick) $('nick').value = member.nick;
});
wire.on('rooms', (next) => {
  if (next.rev < overview.rev) return;
  overview = next;
  drawRooms();
});
wire.on('members', (next) => {
  const room = joined.get(next.room);
  if (!room || next.rev < room.rev) return;
  room.rev = next.rev;
  room.members = next.members;
  if (next.room === current) drawMembers();
});
wire.on('history', (name, lines) => {
  const room = joined.get(name);
  if (!room) return;
  room.lines = lines;
  if (name === current) drawLog();
});
wire.on('line', (line) => {
  const room = joined.get(line.room);
  if (!room) return;
  room.lines.push(line);
  if (room.lines.length > 500) room.lines.shift();
  if (line.room === current) {
    drawLine($('log'), line, me && me.id);
  } else if (line.id) {
    room.unread++;
    drawRooms();
  }
});

$('naming').addEventListener('submit', (event) => {
  event.preventDefault();
  nick = $('nick').value.trim();
  if (!nick) return;
  try { localStorage.setItem('nick', nick); } catch { /* a private window forgets */ }
  wire.emit('nick', nick);
  $('text').focus();
});
$('opening').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = $('room').value.trim().replace(/\s+/g, ' ');
  $('room').value = '';
  if (name) enter(name);
});
$('saying').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text || !wire.connected || !joined.has(current)) return;
  wire.emit('say', current, text);
  $('text').value = '';
});

function enter(name) {
  current = name;
  if (!joined.has(name)) {
    joined.set(name, fresh());
    wire.emit('join', name);
  }
  joined.get(name).unread = 0;
  draw();
  $('text').focus();
}

function leave(name) {
  joined.delete(name);
  wire.emit('leave', name);
  if (name === current) current = joined.keys().next().value || '';
  draw();
}

function setStatus(text, on) {
  $('status').textContent = text;
  $('status').classList.toggle('on', on);
}

function draw() {
  drawRooms();
  drawLog();
  drawMembers();
}

function drawRooms() {
  const list = $('rooms');
  const counts = new Map(overview.rooms.map((room) => [room.name, room.members]));
  for (const name of joined.keys()) if (!counts.has(name)) counts.set(name, 0);
  list.replaceChildren();
  for (const [name, members] of counts) {
    const item = make('li');
    const open = make('button', 'open');
    open.type = 'button';
    open.append(make('span', 'name', name));
    const room = joined.get(name);
    if (room && room.unread) open.append(make('span', 'unread', room.unread + ' new'));
    else open.append(make('span', 'count', members + ' here'));
    if (name === current) open.setAttribute('aria-current', 'true');
    open.addEventListener('click', () => enter(name));
    item.append(open);
    if (room) {
      const out = make('button', 'leave', '×');
      out.type = 'button';
      out.setAttribute('aria-label', 'leave ' + name);
      out.addEventListener('click', () => leave(name));
      item.append(out);
    }
    list.append(item);
  }
}

function drawLog() {
  $('log').replaceChildren();
  const room = joined.get(current);
  $('talk-title').textContent = current ? 'Conversation in ' + current : 'No room';
  $('text').placeholder = current ? 'say something in ' + current : 'enter a room first';
  if (room) room.lines.forEach((line) => drawLine($('log'), line, me && me.id));
}

function drawMembers() {
  const room = joined.get(current);
  $('members').replaceChildren(...(room ? room.members : []).map((member) => {
    const item = make('li', '', member.nick + (me && member.id === me.id ? ' (you)' : ''));
    item.append(badges(member));
    return item;
  }));
}

follow($('log'));
draw();
