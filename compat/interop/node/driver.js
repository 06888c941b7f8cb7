// Runs one client release in node. The one argument is a JSON object:
//   release     the installed alias's release, "2.5.0"
//   era         "event" for releases since 1.0, "colon" for 0.7 to 0.9, "message"
//               for those before
//   program     "resume" (messages only), "checks", "join", "hold", "returning"
//               or "api"
//   mode        the transport mode, see client.js, colon.js and messages.js
//   bundle      the script of a client that node cannot require
//   url, tag, generation, checks, room: what the program needs
// Results go to standard output, one JSON object a line.
'use strict';

// Releases before 1.4 expect the emitter where old versions of node had it, and
// the oldest expect more.
process.EventEmitter = require('events').EventEmitter;
var task = JSON.parse(process.argv[2]);
if (/^0\.[78]\./.test(task.release)) require('./oldnode');
if (/^[34]\./.test(task.release)) require('./newnode');

var http = require('http');
var programs = {
  event: { checks: require('./checks'), member: require('./member') },
  colon: { checks: require('./colonchecks'), member: require('./colonmember') },
  message: { checks: require('./messagechecks'), member: require('./messagemember') }
}[task.era];

function report(result) {
  process.stdout.write(JSON.stringify(result) + '\n');
}

// The oldest releases take what a Buffer has under the name of buffer for the
// data itself, or send the whole pool a small Buffer is cut from: in the node
// of their time no Buffer had such a property, and theirs was no pool.
function binary(bytes) {
  var out = Buffer.from(new Uint8Array(bytes).buffer);
  if (/^1\.0\./.test(task.release)) Object.defineProperty(out, 'buffer', { value: undefined });
  return out;
}

var env = {
  io: task.bundle ? require('./oldwindow').load(require.resolve('sio-client-' + task.release + '/' + task.bundle), task.url, task.mode) : require('sio-client-' + task.release),
  release: task.release,
  url: task.url,
  tag: task.tag,
  mode: task.mode,
  generation: task.generation,
  cut: require('./oldwindow').cut,
  binary: binary,
  control: function (verb, tag) {
    http.get(task.url + '/control/' + verb + '?tag=' + encodeURIComponent(tag), function (res) { res.resume(); });
  }
};

function quit() {
  // Not every release lets go of all its timers.
  process.exit(0);
}

switch (task.program) {
  case 'checks': programs.checks.run(env, task.checks || programs.checks.names, report, quit); break;
  case 'join': programs.member.join(env, task.room, report, quit); break;
  case 'resume': programs.member.resume(env, task.room, report, quit); break;
  case 'hold': programs.member.hold(env, report); break;
  case 'returning': require('./returning').run(env, report, quit); break;
  case 'api': require('./api').run(env, task.era, task.room, report); break;
  default: throw new Error('no such program: ' + task.program);
}
