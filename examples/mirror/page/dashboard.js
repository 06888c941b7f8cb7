'use strict';

// Shows the newest reading of each sensor. An EventSource comes back by itself
// when its stream breaks, and gets what it has missed.
const limit = 100; // sensors on the page
const status = document.getElementById('status');
const readings = document.getElementById('readings');
const shown = new Map();

const source = new EventSource('watch');
source.onopen = () => { status.textContent = 'watching'; };
source.onerror = () => { status.textContent = 'no connection'; };
source.onmessage = (message) => {
  const { name, args } = JSON.parse(message.data);
  if (name === 'reading') show(...args);
};

function show(sensor, value) {
  if (!shown.has(sensor)) {
    if (shown.size === limit) return;
    const term = document.createElement('dt');
    term.textContent = sensor;
    shown.set(sensor, document.createElement('dd'));
    readings.append(term, shown.get(sensor));
  }
  shown.get(sensor).textContent = value;
}
