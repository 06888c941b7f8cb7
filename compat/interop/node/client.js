// What the programs of this folder share: how a check is carried to its end,
// and how a client since 1.0 is opened in one transport mode. The file runs in
// node and in a page, and keeps to ECMAScript 5 so that nothing but the client
// under test decides what works.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory();
  else root.interopClient = factory();
})(this, function () {
  'use strict';

  // The options every release understands for a transport mode.
  var modes = {
    websocket: { transports: ['websocket'] },
    polling: { transports: ['polling'] },
    jsonp: { transports: ['polling'], forceJSONP: true },
    upgrade: { transports: ['polling', 'websocket'] }
  };

  function merge(into, from) {
    for (var k in from || {}) {
      if (Object.prototype.hasOwnProperty.call(from, k)) into[k] = from[k];
    }
    return into;
  }

  // options builds the options of one connection. The tag travels in the query
  // of each request, so that the server's side of the test can find it again.
  function options(mode, tag, extra) {
    var opts = { forceNew: true, reconnection: false, timeout: 20000, query: { 'case': tag } };
    return merge(merge(opts, modes[mode]), extra);
  }

  // open connects a manager of its own and returns it. A manager opens at
  // once, its namespaces follow with manager.socket(name).
  function open(env, tag, extra) {
    return new env.io.Manager(env.url, options(env.mode, tag, extra));
  }

  // shut ends a manager for good, in whatever state it is.
  function shut(manager) {
    manager.reconnection(false);
    try {
      // Since 3.0 only the underscore is left of the name.
      if (manager.close) manager.close();
      else manager._close();
    } catch (e) {
      // Releases differ in what they mind here: a manager that never opened
      // has no engine to close.
    }
  }

  // upgraded calls back once the connection has left polling, or at once in a
  // mode that never does.
  function upgraded(env, manager, next) {
    if (env.mode !== 'upgrade' || manager.engine.transport.name === 'websocket') return next();
    manager.engine.once('upgrade', function () { setTimeout(next, 0); });
  }

  // carrier is the transport name a settled connection of a mode has.
  function carrier(mode) {
    return mode === 'polling' || mode === 'jsonp' ? 'polling' : 'websocket';
  }

  // isBinary and bytes accept the three shapes in which releases hand out
  // binary data: Buffer, ArrayBuffer and typed array.
  function isBinary(v) {
    return typeof ArrayBuffer !== 'undefined' && (v instanceof ArrayBuffer || ArrayBuffer.isView(v));
  }

  function bytes(v) {
    return Array.prototype.slice.call(v instanceof ArrayBuffer ? new Uint8Array(v) : v);
  }

  // show writes a value so that two values are equal exactly if their texts
  // are, whatever shape their binary parts have.
  function show(v) {
    if (isBinary(v)) return 'binary[' + bytes(v).join(' ') + ']';
    if (v instanceof Array) return '[' + v.map(show).join(',') + ']';
    if (v && typeof v === 'object') {
      return '{' + Object.keys(v).sort().map(function (k) {
        return JSON.stringify(k) + ':' + show(v[k]);
      }).join(',') + '}';
    }
    return v === undefined ? 'undefined' : JSON.stringify(v);
  }

  function shorten(s) {
    return s.length > 200 ? s.slice(0, 200) + '... (' + s.length + ')' : s;
  }

  // Check is one check under way. It passes or fails once, at the latest when
  // its time is over, and then closes every connection it has opened.
  function Check(env, name, limit, finish) {
    var self = this;
    this.env = env;
    this.name = name;
    this.tag = env.tag + '/' + name;
    this.endings = [];
    this.step = 'start';
    this.ended = false;
    this.finish = finish;
    this.timer = setTimeout(function () { self.fail('time is over after: ' + self.step); }, limit);
  }

  // atEnd takes what ends something that the check has begun.
  Check.prototype.atEnd = function (ending) { this.endings.push(ending); };

  Check.prototype.open = function (extra) {
    var self = this;
    var manager = open(this.env, this.tag, extra);
    this.atEnd(function () { shut(manager); });
    function note(e) {
      self.step += ', connect_error ' + (e && (e.description && e.description.message || e.message || e));
    }
    // Since 3.0 a manager has another name for it.
    manager.on('connect_error', note);
    manager.on('error', note);
    // What a connection begins on. Later clients may have left that before the
    // first namespace is there.
    manager.once('open', function () { manager.began = manager.engine.transport.name; });
    return manager;
  };

  // root opens a connection and calls back with the default namespace once the
  // server has let the client in.
  Check.prototype.root = function (next, extra, ofSocket) {
    var self = this;
    var manager = this.open(extra);
    var socket = ofSocket ? manager.socket('/', ofSocket) : manager.socket('/');
    socket.once('connect', function () {
      self.step = 'connect';
      next(socket, manager);
    });
    return socket;
  };

  Check.prototype.end = function (ok, detail) {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    this.endings.forEach(function (ending) { ending(); });
    this.finish({ check: this.name, ok: ok, detail: detail || '' });
  };

  Check.prototype.pass = function () { this.end(true); };
  Check.prototype.fail = function (detail) { this.end(false, String(detail)); };

  // same fails the check unless two values agree, and tells whether they do.
  Check.prototype.same = function (what, got, want) {
    this.step = what;
    var a = show(got), b = show(want);
    if (a === b) return true;
    this.fail(what + ': got ' + shorten(a) + ', want ' + shorten(b));
    return false;
  };

  // perform carries out the named checks one after another and reports each.
  function perform(checks, limit, env, names, report, done) {
    inTurn(names.map(function (name) {
      return function (next) {
        var check = new Check(env, name, limit, function (result) {
          report(result);
          setTimeout(next, 10);
        });
        if (!checks[name]) return check.fail('the client programs know no such check');
        try {
          checks[name](check);
        } catch (e) {
          check.fail(e && e.stack || e);
        }
      };
    }), done);
  }

  function repeat(s, n) {
    return new Array(n + 1).join(s);
  }

  // inTurn carries out tasks one after another: each gets the function that
  // starts the next, and the last task of all is the one named last.
  function inTurn(tasks, last) {
    var i = 0;
    (function next() {
      if (i < tasks.length) tasks[i++](next);
      else last();
    })();
  }

  return {
    open: open, shut: shut, merge: merge, perform: perform, upgraded: upgraded, carrier: carrier, isBinary: isBinary,
    bytes: bytes, show: show, inTurn: inTurn, repeat: repeat, Check: Check
  };
});
