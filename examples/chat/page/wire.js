'use strict';

// The smallest client that is still a good citizen: Engine.IO revision 3 and
// Socket.IO as a 2.x client speaks it, over one WebSocket, without namespaces,
// binary or acks. It reconnects by itself.
//
//   0{"pingInterval":...}  open, from the server
//   2, 3                   ping from the client, pong from the server
//   40, 41, 44             connected, disconnected, refused
//   42["event",...]        an event, both ways
function Wire(url) {
  this.url = url;
  this.handlers = {};
  this.attempts = 0;
  this.open();
}

Wire.prototype.on = function (event, handler) {
  (this.handlers[event] = this.handlers[event] || []).push(handler);
};

Wire.prototype.fire = function (event, args) {
  (this.handlers[event] || []).forEach(function (handler) { handler.apply(null, args || []); });
};

// emit sends an event, or drops it while there is no connection: a page that
// comes back tells the server anew where it is.
Wire.prototype.emit = function (...args) {
  if (this.connected) this.ws.send('42' + JSON.stringify(args));
};

Wire.prototype.open = function () {
  const ws = this.ws = new WebSocket(this.url + '?EIO=3&transport=websocket');
  ws.onmessage = (message) => this.receive(String(message.data));
  ws.onclose = () => this.lost(ws);
};

Wire.prototype.receive = function (data) {
  switch (data.slice(0, 2)) {
    case '40':
      this.connected = true;
      this.attempts = 0;
      this.fire('connect');
      return;
    case '41':
    case '44':
      this.ws.close();
      return;
    case '42': {
      // A number before the bracket would ask for an ack; this chat never does.
      const args = JSON.parse(data.slice(data.indexOf('[')));
      this.fire(args[0], args.slice(1));
      return;
    }
  }
  switch (data[0]) {
    case '0': {
      const open = JSON.parse(data.slice(1));
      this.pinging = setInterval(() => this.ping(open.pingTimeout), open.pingInterval);
      return;
    }
    case '3':
      clearTimeout(this.waiting);
  }
};

Wire.prototype.ping = function (timeout) {
  const ws = this.ws;
  ws.send('2');
  clearTimeout(this.waiting);
  this.waiting = setTimeout(() => { ws.close(); this.lost(ws); }, timeout);
};

// lost runs once for each connection, however it ended.
Wire.prototype.lost = function (ws) {
  if (ws !== this.ws) return;
  this.ws = null;
  this.connected = false;
  clearInterval(this.pinging);
  clearTimeout(this.waiting);
  // Twice as long each time, up to eight seconds, and never all at once.
  const delay = Math.min(8000, 500 * 2 ** this.attempts++) * (0.5 + Math.random() / 2);
  this.fire('disconnect');
  setTimeout(() => this.open(), delay);
};
