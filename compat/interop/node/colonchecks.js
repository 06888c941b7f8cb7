// The behaviour suite as a client of 0.7 to 0.9 runs it. Every check opens its
// own connections, so that one failure spoils no other. The server's side is the
// contract server's table of events.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'), require('./colon'));
  else root.interopColonChecks = factory(root.interopClient, root.interopColon);
})(this, function (client, colon) {
  'use strict';

  // No check takes long by itself, but a machine may have much else to do.
  var checkLimit = 120000;
  var inTurn = client.inTurn, repeat = client.repeat;
  var once = colon.once;

  // What one release or transport or another has been known to damage: line
  // ends, what ends a line in scripts only, what ends a script, and escapes. The
  // last is what UTF-8 read as Latin-1 looks like, sent on purpose.
  var texts = [
    '\u00e9', '\u20ac', '\ud83d\ude00', 'a\u2028b\u2029c', 'say "so"', 'back\\nslash', 'a\\/b', 'new\nline',
    '\n', 'cr\r\nlf\ttab', '\\', '', ' ', '\u0000\u0001', '</script><!--', 'a,b-1/2:3+4%20&d=5', ':', '1::',
    '\ufffd3\ufffdabc', '\u00e9 \u20ac \ud83d\ude00 \u2028 " \\n \n', '\u00c3\u00a9'
  ];

  function list(n) {
    var out = [];
    for (var i = 0; i < n; i++) out.push(i);
    return out;
  }

  // root opens a connection and calls back with the default namespace once the
  // server has let the client in.
  function root(t, next, extra) {
    var socket = colon.connect(t.env, t.tag, extra);
    t.atEnd(function () { colon.shut(socket); });
    socket.on('error', function (e) { t.step += ', error ' + e; });
    socket.on('connect_failed', function (e) { t.step += ', connect_failed ' + e; });
    once(socket, 'connect', function () {
      t.step = 'connect';
      next(socket);
    });
    return socket;
  }

  // exchange sends each value and expects what comes back to be the same.
  function exchange(t, socket, values, event, send) {
    var at = 0;
    function next() {
      if (at === values.length) return t.pass();
      t.step = 'value ' + at;
      send(values[at]);
    }
    socket.on(event, function (v) {
      if (!t.ended && t.same(event + ' ' + at, v, values[at])) {
        at++;
        next();
      }
    });
    next();
  }

  var checks = {};

  checks.connect = function (t) {
    root(t, function (socket) {
      if (!t.same('transport', colon.transport(socket), t.env.mode)) return;
      socket.emit('echo', 1, function (v) { if (t.same('echo', v, 1)) t.pass(); });
    });
  };

  checks.events = function (t) {
    var values = ['word', 0, -1.5, true, false, null, [], {}, [1, ['two', { three: 3 }]], { a: { b: [null] } }];
    root(t, function (socket) {
      var got = [];
      socket.on('echo', function (v) {
        got.push(v);
        if (got.length === values.length && t.same('echoes', got, values)) t.pass();
      });
      values.forEach(function (v) { socket.emit('echo', v); });
    });
  };

  checks.message = function (t) {
    root(t, function (socket) {
      exchange(t, socket, ['plain', ''], 'message', function (v) { socket.send(v); });
    });
  };

  checks['json-message'] = function (t) {
    root(t, function (socket) {
      exchange(t, socket, [{ a: { b: ['c:d', 1] } }, [1, 'two'], 0, true, null, 'text'], 'message', function (v) {
        socket.json.send(v);
      });
    });
  };

  // The client's library answers a message and a JSON message by itself, and the
  // server's does the same.
  checks['ack-from-server'] = function (t) {
    root(t, function (socket) {
      inTurn([
        function (next) {
          socket.emit('echo', { n: [1] }, function (v) { if (t.same('echo', v, { n: [1] })) next(); });
        },
        function (next) {
          socket.emit('where', 0, function (v) { if (t.same('where', v, '/')) next(); });
        },
        function (next) { socket.send('text', function () { next(); }); },
        function (next) { socket.json.send({ a: 1 }, function () { next(); }); }
      ], function () { t.pass(); });
    });
  };

  // 0.7.0 to 0.7.2 ask for a mere confirmation where the callback declares no
  // parameter, and for the arguments where it does.
  checks['ack-arity'] = function (t) {
    root(t, function (socket) {
      inTurn([
        function (next) { socket.emit('echo', 'none', function () { next(); }); },
        function (next) { socket.emit('echo', 'one', function (v) { if (t.same('one', v, 'one')) next(); }); },
        function (next) { socket.send('none', function () { next(); }); }
      ], function () { t.pass(); });
    });
  };

  checks['ack-from-client'] = function (t) {
    root(t, function (socket) {
      var asked = 0;
      var question = { line: 'why\n\u2028?' };
      socket.on('question', function (x, ack) {
        asked++;
        ack({ answer: x });
      });
      socket.on('answered', function (v) {
        if (t.same('answered', v, { answer: question }) && t.same('questions', asked, 1)) t.pass();
      });
      socket.emit('ask', question);
    });
  };

  // What a server has in bytes arrives in base64, in the form that all
  // generations without binary data are sent.
  checks.binary = function (t) {
    var data = { base64: true, data: 'AAH+/w==' };
    root(t, function (socket) {
      var event, ack;
      function both() {
        if (!event || !ack) return;
        if (t.same('event', event, { name: 'n\u00e9', data: data }) && t.same('ack', ack, { data: data })) t.pass();
      }
      socket.on('blob', function (v) { event = v; both(); });
      socket.emit('blob', { name: 'n\u00e9', data: data }, function (v) { ack = v; both(); });
    });
  };

  checks.text = function (t) {
    root(t, function (socket) {
      inTurn(texts.map(function (text, i) {
        return function (next) {
          socket.emit('echo', text, function (v) {
            if (!t.same('ack ' + i, v, text)) return;
            once(socket, 'echo', function (w) {
              if (!t.same('event ' + i, w, { t: [text] })) return;
              once(socket, 'question', function (x, ack) { ack(x); });
              once(socket, 'answered', function (x) { if (t.same('answer ' + i, x, text)) next(); });
              socket.emit('ask', text);
            });
            socket.emit('echo', { t: [text] });
          });
        };
      }), function () { t.pass(); });
    });
  };

  // A message is bare text on the wire. Forms normalise line ends, and until
  // 0.8.5 that is what carries it over JSONP.
  checks['message-text'] = function (t) {
    var raw = t.env.mode === 'jsonp-polling' && /^0\.(7\.|8\.[0-5]$)/.test(t.env.release);
    var sent = raw ? texts.map(function (s) { return s.replace(/\r\n?/g, '\n'); }) : texts;
    root(t, function (socket) {
      exchange(t, socket, sent, 'message', function (v) { socket.send(v); });
    });
  };

  // A hundred messages from the client and a hundred from the server.
  checks.order = function (t) {
    root(t, function (socket) {
      var seq = [], echoes = [];
      function look() {
        if (seq.length < 100 || echoes.length < 100) return;
        if (t.same('count', seq, list(100)) && t.same('echoes', echoes, list(100))) t.pass();
      }
      socket.on('seq', function (n) { seq.push(n); look(); });
      socket.on('echo', function (n) { echoes.push(n); look(); });
      socket.emit('count', 100);
      list(100).forEach(function (n) { socket.emit('echo', n); });
    });
  };

  // One megabyte each way, or 128 KiB where it goes through a form or a page;
  // and 64 KiB to the byte, where websocket frames change their form.
  checks.large = function (t) {
    var whole = t.env.mode === 'websocket' || t.env.mode === 'xhr-polling';
    var text = repeat('0123456789\u00e9\u20ac', (1 << 16) / (whole ? 1 : 8)); // 15 bytes each
    root(t, function (socket) {
      inTurn([
        function (next) {
          socket.emit('echo', text, function (v) { if (t.same('text', v === text, true)) next(); });
        },
        function (next) {
          var exact = repeat('x', (1 << 16) - '3:::'.length);
          once(socket, 'message', function (v) { if (t.same('64 KiB', v === exact, true)) next(); });
          socket.send(exact);
        }
      ], function () { t.pass(); });
    });
  };

  // Talk in a namespace, leave it while the default one stays, and come back.
  function visit(t, socket, chat) {
    var left = false;
    inTurn([
      function (next) {
        chat.emit('where', 0, function (v) { if (t.same('where', v, '/chat')) next(); });
      },
      function (next) {
        once(socket, 'echo', function (v) { if (v !== 'in root') t.fail('the answer came in the wrong namespace'); });
        once(chat, 'echo', function (v) { if (t.same('echo', v, 'in chat')) next(); });
        chat.emit('echo', 'in chat');
      },
      function (next) {
        once(chat, 'message', function (v) { if (t.same('message', v, 'to chat')) next(); });
        chat.send('to chat');
      },
      function (next) {
        once(chat, 'question', function (x, ack) { ack([x]); });
        once(chat, 'answered', function (v) { if (t.same('answered', v, ['?'])) next(); });
        chat.emit('ask', '?');
      },
      function (next) {
        chat.disconnect();
        chat.emit('where', 0, function () { if (!left) t.fail('the server hears a client that has left'); });
        socket.emit('where', 0, function (v) { if (t.same('where', v, '/')) next(); });
      },
      function (next) {
        left = true;
        once(chat, 'connect', next);
        // What the client itself does when it comes back after a loss.
        chat.packet({ type: 'connect' });
      },
      function (next) {
        chat.emit('where', 0, function (v) { if (t.same('where after coming back', v, '/chat')) next(); });
      }
    ], function () { t.pass(); });
  }

  checks.namespace = function (t) {
    root(t, function (socket) {
      var chat = colon.enter(socket, '/chat');
      once(chat, 'connect', function () { visit(t, socket, chat); });
    });
  };

  // Both namespaces asked for at once, and the first packet emitted before
  // either is connected.
  checks['namespace-at-once'] = function (t) {
    var socket = root(t, function () {});
    var chat = colon.enter(socket, '/chat');
    chat.emit('where', 0, function (v) { if (t.same('where', v, '/chat')) visit(t, socket, chat); });
  };

  checks.room = function (t) {
    var room = t.tag;
    root(t, function (a) {
      root(t, function (b) {
        var got = [];
        a.on('msg', function (v) { got.push('a ' + v); });
        b.on('msg', function (v) { got.push('b ' + v); });
        // What is asked of the server afterwards is answered afterwards: two
        // echoes flush whatever the step before has sent to either client.
        function settle(want, next) {
          a.emit('echo', 0, function (x) {
            b.emit('echo', x, function (y) {
              if (t.same('members got', got.slice().sort(), want) && t.same('echo', y, 0)) { got = []; next(); }
            });
          });
        }
        inTurn([
          function (next) { a.emit('join', room, function (r) { if (t.same('join a', r, room)) next(); }); },
          function (next) {
            once(b, 'joined', function (r) { if (t.same('join b', r, room)) next(); });
            b.emit('join', room);
          },
          function (next) { a.emit('pub', room, 'all'); settle(['a all', 'b all'], next); },
          function (next) { a.emit('others', room, 'rest'); settle(['b rest'], next); },
          function (next) { b.emit('leave', room); settle([], next); },
          function (next) { a.emit('pub', room, 'one'); settle(['a one'], next); }
        ], function () { t.pass(); });
      });
    });
  };

  // A refusal has one word on the wire. The first release has no event for it
  // but that of errors.
  function refused(name) {
    return function (t) {
      root(t, function (socket) {
        var event = t.env.release === '0.7.0' ? 'error' : 'connect_failed';
        var nsp = colon.enter(socket, name);
        nsp.on('connect', function () { t.fail('connected'); });
        ['error', 'connect_failed'].forEach(function (e) {
          nsp.on(e, function (reason) {
            if (!t.same('event', e, event) || !t.same('reason', reason, 'unauthorized')) return;
            socket.emit('echo', 1, function (v) { if (t.same('echo afterwards', v, 1)) t.pass(); });
          });
        });
      });
    };
  }

  checks.refusal = refused('/refuse');
  checks['unknown-namespace'] = refused('/nope');

  checks['server-disconnect'] = function (t) {
    root(t, function (socket) {
      socket.on('disconnect', function (reason) { if (t.same('reason', reason, 'booted')) t.pass(); });
      socket.emit('bye');
    }, { reconnect: true, 'reconnection delay': 10 });
  };

  checks['client-disconnect'] = function (t) {
    root(t, function (socket) {
      socket.on('disconnect', function (reason) { if (t.same('reason', reason, 'booted')) t.pass(); });
      socket.disconnect();
    });
  };

  // The connection is closed beneath the session: no packet says good-bye.
  checks['transport-close'] = function (t) {
    root(t, function (socket) {
      var transport = socket.socket.transport;
      if (transport.websocket) transport.websocket.close();
      else transport.destroy();
      setTimeout(function () { t.pass(); }, 100);
    });
  };

  // The test's server resets the connections of this check; the client is to
  // find its way back by itself. Its delay leaves time for an attempt: 0.8 makes
  // another one beside it.
  checks.reconnect = function (t) {
    var lost = 0, back = 0;
    root(t, function (socket) {
      var chat = colon.enter(socket, '/chat');
      socket.on('disconnect', function () { lost++; });
      socket.on('reconnect', function () { back++; });
      once(chat, 'connect', function () {
        once(socket, 'connect', function () {
          t.step = 'second connect';
          // The client asks for its namespaces again, after this event; until
          // 0.7.4 the application has to.
          if (/^0\.7\.[0-4]$/.test(t.env.release)) chat.packet({ type: 'connect' });
          once(chat, 'connect', function () {
            chat.emit('echo', 'again', function (v) {
              if (!t.same('echo', v, 'again') || !t.same('disconnects', lost, 1)) return;
              if (t.same('reconnects', back, 1)) t.pass();
            });
          });
        });
        t.env.control('drop', t.tag);
      });
    }, { reconnect: true, 'reconnection delay': 500 });
  };

  // The server does not let the page in.
  checks['turned-away'] = function (t) {
    var socket = colon.connect(t.env, t.tag);
    t.atEnd(function () { colon.shut(socket); });
    socket.on('error', function () { t.pass(); });
    socket.on('connect', function () { t.fail('the page was let in'); });
  };

  checks.info = function (t) {
    root(t, function (socket) {
      socket.emit('info', 0, function (v) {
        if (!t.same('transport', v && v.transport, t.env.mode)) return;
        if (t.same('generation', v.generation, t.env.generation)) t.pass();
      });
    });
  };

  // A websocket that opens and then is silent: the client goes on, in the same
  // session, with the next transport.
  checks['fall-back'] = function (t) {
    root(t, function (socket) {
      if (!t.same('transport', colon.transport(socket), 'xhr-polling')) return;
      socket.emit('info', 0, function (v) {
        if (t.same('transport, says the server', v && v.transport, 'xhr-polling')) t.pass();
      });
    }, { 'connect timeout': 4000 });
  };

  function run(env, names, report, done) {
    client.perform(checks, checkLimit, env, names, report, done);
  }

  return { run: run, names: Object.keys(checks) };
});
