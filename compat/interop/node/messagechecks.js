// The behaviour suite as a client of 0.1 to 0.6 runs it, which knows messages
// only. Every check opens its own connections, so that one failure spoils no
// other. The server's side is the contract server's table of events.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'), require('./messages'));
  else root.interopMessageChecks = factory(root.interopClient, root.interopMessages);
})(this, function (client, messages) {
  'use strict';

  // No check takes long by itself, but a machine may have much else to do.
  var checkLimit = 120000;
  var inTurn = client.inTurn, repeat = client.repeat;

  // What one release or transport or another has been known to damage: line ends,
  // what ends a line in scripts only, what ends a script, a frame, a part or a
  // form field, and escapes.
  var texts = [
    '\u00e9', '\u20ac', '\ud83d\ude00', 'a\u2028b\u2029c', 'say "so"', 'back\\nslash', 'a\\/b', 'new\nline', '\n',
    'cr\r\nlf\ttab', '\\', '', ' ', '\u0000\u0001', '</script><!--', 'a,b-1/2:3+4%20&d=5', '~m~3~m~abc', '~m~',
    '\ufffd3\ufffdabc', '\u00e9 \u20ac \ud83d\ude00 \u2028 " \\n \n', '[1]', '{"messages":["a"]}', '\u00c3\u00a9'
  ];

  // What means something in one dialect or on one transport when a client says it
  // by itself.
  var marks = ['~h~1', '~j~{', '~j~"a"', 'a\n--socketio\nb', '\n--socketio'];

  function list(n) {
    var out = [];
    for (var i = 0; i < n; i++) out.push(i);
    return out;
  }

  // open returns a client that is closed with the check, and has not connected.
  function open(t, extra) {
    var talk = new messages.Talk(t.env, t.tag, extra);
    t.atEnd(function () { talk.shut(); });
    return talk;
  }

  // root connects, and calls back when the client says that it has. A client that
  // can notices the loss of its connection after a while.
  function root(t, next, extra) {
    var talk = open(t, extra);
    talk.once('connect', function () {
      t.step = 'connect';
      next(talk);
    });
    return talk.connect();
  }

  // exchange sends each value and expects what comes back to be the same.
  function exchange(t, values, send) {
    root(t, function (talk) {
      var at = 0;
      function next() {
        if (at === values.length) return t.pass();
        t.step = 'value ' + at;
        send(talk, values[at]);
      }
      talk.on('message', function (v) {
        if (!t.ended && t.same('message ' + at, v, values[at])) {
          at++;
          next();
        }
      });
      next();
    });
  }

  var checks = {};

  checks.connect = function (t) {
    root(t, function (talk) {
      if (!t.same('transport', talk.transport(), messages.carrier(t.env))) return;
      talk.ask('echo', 1, function (v) { if (t.same('echo', v, 1)) t.pass(); });
    });
  };

  // What is sent before there is a connection goes out in one payload, and the
  // answers to it come in few. Their lengths count UTF-16 code units.
  checks.queue = function (t) {
    var talk = open(t), got = [], values = list(9).map(function (i) { return '\u00e9 \ud83d\ude00 ' + i; });
    talk.on('echo', function (v) {
      got.push(v);
      if (got.length === values.length && t.same('echoes', got, values)) t.pass();
    });
    values.forEach(function (v) { talk.emit('echo', v); });
    talk.connect();
  };

  // Until 0.2.4 each message is a request of its own, which does not wait for the one
  // before: they may overtake one another on their connections.
  function overtakes(t) { return messages.isFirst(t.env) && messages.posts(t.env); }

  checks.events = function (t) {
    function order(list) { return overtakes(t) ? list.map(client.show).sort() : list; }
    var values = ['word', 0, -1.5, true, false, null, [], {}, [1, ['two', { three: 3 }]], { a: { b: [null] } }];
    root(t, function (talk) {
      var got = [];
      talk.on('echo', function (v) {
        got.push(v);
        if (got.length === values.length && t.same('echoes', order(got), order(values))) t.pass();
      });
      values.forEach(function (v) { talk.emit('echo', v); });
    });
  };

  function say(talk, v) { talk.send(v); }

  checks.message = function (t) { exchange(t, ['plain', '', 'two words'], say); };

  checks['message-text'] = function (t) { exchange(t, texts, say); };

  checks['json-message'] = function (t) {
    var values = [{ a: { b: ['c:d', 1] } }, {}, { name: 'x' }];
    if (messages.isFirst(t.env)) values.push([1, 'two', ['three']], 0, -1.5, true, false, null);
    exchange(t, values, say);
  };

  // What a text means, when the server is made to say it.
  checks.marks = function (t) {
    exchange(t, marks, function (talk, v) { talk.emit('message', v); });
  };

  checks.order = function (t) {
    root(t, function (talk) {
      var got = [];
      talk.on('seq', function (i) {
        got.push(i);
        if (got.length === 100 && t.same('sequence', got, list(100))) t.pass();
      });
      talk.emit('count', 100);
    });
  };

  checks.large = function (t) {
    // Chromium takes minutes to lay out the field of a form with much more.
    var text = repeat('0123456789\u20ac', t.env.mode === 'jsonp-polling' ? 2000 : 20000);
    root(t, function (talk) {
      talk.ask('echo', text, function (v) { if (t.same('length', v.length, text.length) && t.same('text', v === text, true)) t.pass(); });
    });
  };

  checks.room = function (t) {
    var room = 'room of ' + t.tag;
    root(t, function (a) {
      root(t, function (b) {
        var heard = [];
        function hear(name) { return function (v) { heard.push(name + v); }; }
        a.on('msg', hear('a'));
        b.on('msg', hear('b'));
        function all(talks, act) {
          return function (next) {
            var left = talks.length;
            talks.forEach(function (talk) { talk.once('msg', function () { if (--left === 0) next(); }); });
            act();
          };
        }
        // Nothing answers to it, and what is said next may overtake it.
        function leave(next) {
          b.emit('leave', room);
          setTimeout(function () { b.ask('echo', 1, next); }, overtakes(t) ? 3000 : 0);
        }
        inTurn([
          function (next) { a.ask('join', room, next, 'joined'); },
          function (next) { b.ask('join', room, next, 'joined'); },
          all([a, b], function () { a.emit('pub', room, 1); }),
          all([b], function () { a.emit('others', room, 2); }),
          function (next) { a.ask('echo', 0, next); },
          leave,
          all([a], function () { a.emit('pub', room, 3); }),
          function (next) { b.ask('echo', 2, next); }
        ], function () { if (t.same('heard', heard.sort(), ['a1', 'a3', 'b1', 'b2'])) t.pass(); });
      });
    });
  };

  // The server ends the connection. Who cannot notice must at least be quiet: a
  // client that asks again is let in again, which the server would see.
  checks['server-disconnect'] = function (t) {
    var notices = t.env.mode === 'htmlfile' || t.env.mode === 'xhr-multipart' ? /^0\.6/ : messages.polls(t.env) ? /^0\.6\.3/ : /./;
    var watch = {};
    watch[t.env.mode] = { timeout: 3000 };
    root(t, function (talk) {
      var ends = 0, hears = notices.test(t.env.release);
      function settle(time) {
        setTimeout(function () { if (t.same('disconnects', ends, hears ? 1 : 0)) t.pass(); }, time);
      }
      talk.on('disconnect', function () { if (++ends === 1 && hears) settle(500); });
      talk.emit('bye');
      if (!hears) settle(1500);
    }, { transportOptions: watch });
  };

  checks['client-disconnect'] = function (t) {
    root(t, function (talk) {
      talk.ask('echo', 1, function () {
        talk.on('message', function () { t.fail('a message came afterwards'); });
        talk.shut();
        setTimeout(function () { t.pass(); }, 300);
      });
    });
  };

  // The test's server resets the connections of this check; the client is to
  // find its way back by itself.
  checks.reconnect = function (t) {
    var lost = 0, back = 0, watch = {};
    // An answer that has no end has no event for it either: the client waits for
    // a heartbeat, which come every 10 s.
    watch[t.env.mode] = { timeout: 12000 };
    root(t, function (talk) {
      talk.on('disconnect', function () { lost++; });
      talk.on('reconnect', function () { back++; });
      talk.ask('echo', 'first', function () {
        var connects = 0;
        talk.on('connect', function () {
          if (++connects > 1) return;
          t.step = 'second connect';
          // It tells of its return after this event.
          setTimeout(function () {
            talk.ask('echo', 'again', function (v) {
              if (!t.same('echo', v, 'again') || !t.same('disconnects', lost, 1)) return;
              if (t.same('reconnects', back, 1)) t.pass();
            });
          }, 50);
        });
        t.env.control('drop', t.tag);
      });
    }, { reconnect: true, transportOptions: watch });
  };

  // A client that says nothing is let in all the same, on a stream when it has had
  // its time to answer in the other dialect.
  checks.silent = function (t) {
    root(t, function (talk) {
      setTimeout(function () {
        talk.ask('info', 0, function (v) {
          if (t.same('evidence', v.evidence[1], decided(t.env, true))) t.pass();
        });
      }, 8000);
    });
  };

  // decided is how the server tells the dialect.
  function decided(env, silent) {
    var first = messages.isFirst(env), range = first ? '0.1-0.4' : '0.5-0.6';
    if (messages.polls(env)) return 'client went on after the handshake of ' + range;
    if (first && silent) return 'no answer to a heartbeat of 0.5-0.6: ' + range;
    return first ? 'first text of the client is an array: ' + range : 'first text of the client is framed: ' + range;
  }

  checks.info = function (t) {
    root(t, function (talk) {
      talk.ask('info', 0, function (v) {
        if (!t.same('transport', v && v.transport, messages.carrier(t.env))) return;
        if (!t.same('generation', v.generation, t.env.generation)) return;
        var certain = t.env.mode === 'jsonp-polling' || messages.carrier(t.env) === 'flashsocket';
        var want = certain ? 'path names' : decided(t.env, false);
        if (t.same('evidence', v.evidence.join('; ').indexOf(want) >= 0 ? want : v.evidence, want)) t.pass();
      });
    });
  };

  // A page that has been here before sends the cookie by which its client
  // remembers a transport, and so tells its dialect.
  checks.cookie = function (t) {
    var name = /^0\.6\./.test(t.env.release) ? 'socketio' : 'socket.io';
    function forget() { document.cookie = name + '=; expires=Thu, 01 Jan 1970 00:00:00 GMT'; }
    root(t, function (first) {
      t.atEnd(forget);
      if (!t.same('cookie', document.cookie, name + '=' + first.transport())) return;
      root(t, function (second) {
        second.ask('info', 0, function (v) {
          var told = v.evidence.join('; ').indexOf('cookie ' + name) >= 0;
          if (t.same('evidence', told || v.evidence, true)) t.pass();
        });
      }, { rememberTransport: true });
    }, { rememberTransport: true });
  };

  function run(env, names, report, done) {
    client.perform(checks, checkLimit, env, names, report, done);
  }

  return { run: run, names: Object.keys(checks) };
});
