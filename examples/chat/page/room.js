'use strict';

// What both pages draw alike. Text of other people becomes text nodes and
// nothing else.

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// drawLine appends a line to a log, which follows along unless its reader has
// scrolled back.
function drawLine(log, line, own) {
  const following = nearEnd(log);
  const p = make('p');
  if (!line.id) {
    p.className = 'system';
    p.textContent = line.text;
  } else {
    if (line.id === own) p.className = 'mine';
    const time = new Date(line.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    p.append(make('span', 'from', line.from + ' · ' + time), make('span', 'text', line.text));
  }
  log.append(p);
  while (log.childElementCount > 500) log.firstElementChild.remove();
  if (following) log.scrollTop = log.scrollHeight;
}

// follow keeps the end of a log in sight when the log changes its size.
function follow(log) {
  let atEnd = true;
  log.addEventListener('scroll', () => { atEnd = nearEnd(log); });
  new ResizeObserver(() => { if (atEnd) log.scrollTop = log.scrollHeight; }).observe(log);
}

function nearEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 40;
}

// badges shows how a member is connected.
function badges(member) {
  const box = make('span', 'badges');
  box.append(make('span', 'badge', member.generation), make('span', 'badge', member.transport));
  return box;
}
