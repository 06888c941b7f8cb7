// The behaviour suite as one client of the event era (1.0 and later) runs it.
// Every check opens its own connections, so that one failure spoils no other.
// The server's side is the contract server's table of events.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'));
  else root.interopChecks = factory(root.interopClient);
})(this, function (client) {
  'use strict';

  // No check takes long by itself, but a machine may have much else to do.
  var checkLimit = 120000;
  var inTurn = client.inTurn, repeat = client.repeat;

  // The texts that one release or another has been known to damage. The last
  // is what UTF-8 read as Latin-1 looks like, sent on purpose.
  var texts = [
    '\u00e9', '\u20ac', '\ud83d\ude00', 'a\u2028b\u2029c', 'say "so"', 'back\\nslash', 'new\nline',
    'cr\r\nlf\ttab', '\\', '', ' ', '\u0000\u0001', '</script><!--', 'a,b-1/2:3+4%20&d=5',
    '\u00e9 \u20ac \ud83d\ude00 \u2028 " \\n \n', '\u00c3\u00a9'
  ];

  function list(n) {
    var out = [];
    for (var i = 0; i < n; i++) out.push(i);
    return out;
  }

  var checks = {};

  checks.connect = function (t) {
    t.root(function (socket, manager) {
      if (t.env.mode === 'upgrade' && !t.same('first transport', manager.began, 'polling')) return;
      client.upgraded(t.env, manager, function () {
        if (!t.same('transport', manager.engine.transport.name, client.carrier(t.env.mode))) return;
        socket.emit('echo', 1, function (v) { if (t.same('echo', v, 1)) t.pass(); });
      });
    });
  };

  checks.events = function (t) {
    var values = ['word', 0, -1.5, true, false, null, [], {}, [1, ['two', { three: 3 }]], { a: { b: [null] } }];
    t.root(function (socket) {
      var got = [];
      socket.on('echo', function (v) {
        got.push(v);
        if (got.length === values.length && t.same('echoes', got, values)) t.pass();
      });
      values.forEach(function (v) { socket.emit('echo', v); });
    });
  };

  checks.message = function (t) {
    t.root(function (socket) {
      socket.on('message', function (v) { if (t.same('message', v, 'plain')) t.pass(); });
      socket.send('plain');
    });
  };

  checks['ack-from-server'] = function (t) {
    t.root(function (socket) {
      inTurn([
        function (next) {
          socket.emit('echo', { n: [1] }, function (v) { if (t.same('echo', v, { n: [1] })) next(); });
        },
        function (next) {
          socket.emit('where', 0, function (v) { if (t.same('where', v, '/')) next(); });
        }
      ], function () { t.pass(); });
    });
  };

  checks['ack-from-client'] = function (t) {
    t.root(function (socket) {
      var asked = 0;
      socket.on('question', function (x, ack) {
        asked++;
        ack({ answer: x });
      });
      socket.on('answered', function (v) {
        if (t.same('answered', v, { answer: 'why?' }) && t.same('questions', asked, 1)) t.pass();
      });
      socket.emit('ask', 'why?');
    });
  };

  checks.binary = function (t) {
    var data = list(256);
    t.root(function (socket) {
      inTurn([
        function (next) {
          socket.emit('bin', t.env.binary(data), function (v) {
            if (t.same('bin', v, t.env.binary(data))) next();
          });
        },
        function (next) {
          var sent = { one: t.env.binary([0, 255]), two: [t.env.binary([4, 10, 13]), 'text'] };
          socket.once('echo', function (v) { if (t.same('echo', v, sent)) next(); });
          socket.emit('echo', { one: t.env.binary([0, 255]), two: [t.env.binary([4, 10, 13]), 'text'] });
        },
        function (next) {
          socket.emit('bin', t.env.binary([7]), function (v) { if (t.same('one byte', v, t.env.binary([7]))) next(); });
        },
        function (next) {
          socket.emit('bin', t.env.binary([]), function (v) {
            if (t.same('no byte', client.isBinary(v) && client.bytes(v).length === 0, true)) next();
          });
          // Chromium may hold an empty message back over HTTP/2 until more is sent.
          socket.emit('echo', 'more');
        }
      ], function () { t.pass(); });
    });
  };

  checks['binary-nested'] = function (t) {
    t.root(function (socket) {
      var event, ack;
      function both() {
        if (!event || !ack) return;
        if (!t.same('event', event, { name: 'n\u00e9', data: t.env.binary([1, 2, 254]) })) return;
        if (t.same('ack', ack, { data: t.env.binary([1, 2, 254]) })) t.pass();
      }
      socket.on('blob', function (v) { event = v; both(); });
      socket.emit('blob', { name: 'n\u00e9', data: t.env.binary([1, 2, 254]) }, function (v) { ack = v; both(); });
    });
  };

  checks['binary-ack-from-client'] = function (t) {
    t.root(function (socket) {
      socket.on('question', function (x, ack) { ack({ back: t.env.binary(client.bytes(x.data)) }); });
      socket.on('answered', function (v) {
        if (t.same('answered', v, { back: t.env.binary([9, 8, 7, 128]) })) t.pass();
      });
      socket.emit('ask', { data: t.env.binary([9, 8, 7, 128]) });
    });
  };

  checks.text = function (t) {
    t.root(function (socket) {
      inTurn(texts.map(function (text, i) {
        return function (next) {
          socket.emit('echo', text, function (v) {
            if (!t.same('ack ' + i, v, text)) return;
            socket.once('echo', function (w) { if (t.same('event ' + i, w, { t: [text] })) next(); });
            socket.emit('echo', { t: [text] });
          });
        };
      }), function () { t.pass(); });
    });
  };

  // A hundred messages from the client and a hundred from the server. In the
  // upgrade mode they are spread over the upgrade: the client's go on until it
  // has been over for a while, the server's come in portions meanwhile.
  checks.order = function (t) {
    t.root(function (socket, manager) {
      var spread = t.env.mode === 'upgrade';
      var sent = 0, asked = 0, seq = [], echoes = [], atUpgrade = -1;
      function enough() {
        return sent >= 100 && (!spread || (atUpgrade >= 0 && sent >= atUpgrade + 20));
      }
      function ask(n) {
        socket.emit('count', n);
        asked += n;
      }
      function look() {
        if (!enough() || seq.length < asked || echoes.length < sent) return;
        var want = spread ? list(asked).map(function (n) { return n % 10; }) : list(asked);
        if (!t.same('count', seq, want) || !t.same('echoes', echoes, list(sent))) return;
        if (spread && atUpgrade === 0) return t.fail('the upgrade was over before the first message');
        t.pass();
      }
      socket.on('seq', function (n) { seq.push(n); look(); });
      socket.on('echo', function (n) { echoes.push(n); look(); });
      if (spread) manager.engine.once('upgrade', function () { atUpgrade = sent; });
      else ask(100);
      // The upgrade is held back until the client has sent some.
      (function tick() {
        do {
          if (t.ended || enough()) return;
          if (spread && sent % 10 === 0) ask(10);
          socket.emit('echo', sent++);
          if (spread && sent === 10) t.env.control('upgrade', t.tag);
        } while (!spread);
        setTimeout(tick, 3);
      })();
    });
  };

  // One megabyte each way, as text and as binary. JSONP puts it into a form and
  // a script, and the releases of 1.x turn binary data into the arguments of one
  // call for it, so that it carries a 16th.
  checks.large = function (t) {
    var part = t.env.mode === 'jsonp' ? 16 : 1;
    var text = repeat('0123456789\u00e9\u20ac', (1 << 16) / part); // 15 bytes each
    var data = list(256);
    while (data.length < (1 << 20) / part) data = data.concat(data);
    t.root(function (socket) {
      inTurn([
        function (next) {
          socket.emit('echo', text, function (v) { if (t.same('text', v === text, true)) next(); });
        },
        function (next) {
          socket.emit('bin', t.env.binary(data), function (v) {
            if (t.same('binary', client.isBinary(v) && client.bytes(v).join() === data.join(), true)) next();
          });
        }
      ], function () { t.pass(); });
    });
  };

  // Talk in a namespace, then leave it while the default one stays.
  function visit(t, root, chat) {
    inTurn([
      function (next) {
        chat.emit('where', 0, function (v) { if (t.same('where', v, '/chat')) next(); });
      },
      function (next) {
        chat.once('echo', function (v) { if (t.same('echo', v, 'in chat')) next(); });
        root.once('echo', function () { t.fail('the answer came in the wrong namespace'); });
        chat.emit('echo', 'in chat');
      },
      function (next) {
        chat.once('question', function (x, ack) { ack([t.env.binary(client.bytes(x[0]))]); });
        chat.once('answered', function (v) { if (t.same('answered', v, [t.env.binary([5])])) next(); });
        chat.emit('ask', [t.env.binary([5])]);
      },
      function (next) {
        chat.once('disconnect', function (reason) { if (t.same('reason', reason, 'io client disconnect')) next(); });
        chat.disconnect();
      },
      function (next) {
        root.removeAllListeners('echo');
        root.emit('where', 0, function (v) { if (t.same('where', v, '/')) next(); });
      }
    ], function () { t.pass(); });
  }

  checks.namespace = function (t) {
    t.root(function (root, manager) {
      client.upgraded(t.env, manager, function () {
        var chat = manager.socket('/chat');
        chat.once('connect', function () { visit(t, root, chat); });
      });
    });
  };

  // Both namespaces asked for at once, and the first packet emitted before
  // either is connected: in the upgrade mode all of it meets the upgrade.
  checks['namespace-at-once'] = function (t) {
    var manager = t.open();
    var root = manager.socket('/');
    var chat = manager.socket('/chat');
    chat.emit('where', 0, function (v) {
      if (!t.same('where', v, '/chat')) return;
      client.upgraded(t.env, manager, function () { visit(t, root, chat); });
    });
  };

  checks.room = function (t) {
    var room = t.tag;
    t.root(function (a) {
      t.root(function (b) {
        var got = [];
        a.on('msg', function (v) { got.push('a ' + v); });
        b.on('msg', function (v) { got.push('b ' + v); });
        // What is asked of the server afterwards is answered afterwards: two
        // echoes flush whatever the step before has sent to either client.
        function settle(want, next) {
          a.emit('echo', 0, function () {
            b.emit('echo', 0, function () {
              if (t.same('members got', got.slice().sort(), want)) { got = []; next(); }
            });
          });
        }
        inTurn([
          function (next) { a.emit('join', room, function (r) { if (t.same('join a', r, room)) next(); }); },
          function (next) {
            b.once('joined', function (r) { if (t.same('join b', r, room)) next(); });
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

  function refused(name, message) {
    return function (t) {
      t.root(function (root, manager) {
        var socket = manager.socket(name);
        socket.on('connect', function () { t.fail('connected'); });
        function turnedAway(e) {
          if (!t.same('error', e && e.message || e, message)) return;
          root.emit('echo', 1, function (v) { if (t.same('echo afterwards', v, 1)) t.pass(); });
        }
        socket.on('error', turnedAway);
        socket.on('connect_error', turnedAway); // since 3.0
      });
    };
  }

  checks.refusal = refused('/refuse', 'no entry');
  checks['unknown-namespace'] = refused('/nope', 'Invalid namespace');

  checks['server-disconnect'] = function (t) {
    t.root(function (socket) {
      socket.on('disconnect', function (reason) { if (t.same('reason', reason, 'io server disconnect')) t.pass(); });
      socket.emit('bye');
    });
  };

  // In the middle of an upgrade too, but for 1.0: that closes both its connections
  // at once there, and its good-bye with them.
  checks['client-disconnect'] = function (t) {
    t.root(function (socket, manager) {
      function leave() {
        socket.on('disconnect', function (reason) { if (t.same('reason', reason, 'io client disconnect')) t.pass(); });
        socket.disconnect();
      }
      if (/^1\.0\./.test(t.env.release)) client.upgraded(t.env, manager, leave); else leave();
    });
  };

  // The engine is closed beneath the sockets: no packet says good-bye.
  checks['transport-close'] = function (t) {
    t.root(function (socket, manager) {
      client.upgraded(t.env, manager, function () {
        socket.on('disconnect', function (reason) { if (t.same('reason', reason, 'forced close')) t.pass(); });
        manager.engine.close();
      });
    });
  };

  // The test's server resets the connections of this check; the client is to
  // find its way back by itself.
  checks.reconnect = function (t) {
    var lost = [], back = 0;
    t.root(function (socket, manager) {
      socket.on('disconnect', function (reason) { lost.push(reason); });
      manager.on('reconnect', function () { back++; });
      client.upgraded(t.env, manager, function () {
        socket.once('connect', function () {
          socket.emit('echo', 'again', function (v) {
            if (!t.same('echo', v, 'again') || !t.same('disconnects', lost.length, 1)) return;
            if (t.same('reconnects', back, 1)) t.pass();
          });
        });
        t.env.control('drop', t.tag);
      });
    }, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 });
  };

  // The server does not let the page in.
  checks['turned-away'] = function (t) {
    var manager = client.open(t.env, t.tag);
    t.atEnd(function () { client.shut(manager); });
    var socket = manager.socket('/');
    socket.on('connect_error', function () { t.pass(); });
    socket.on('connect', function () { t.fail('the page was let in'); });
  };

  // Headers of the page's own, for which the browser asks the server first where
  // that is of another origin.
  checks['own-headers'] = function (t) {
    var headers = { 'X-Token': 'abc' }; // pages before 3.0 name them for a transport
    t.root(function (socket) {
      socket.emit('echo', 1, function (v) { if (t.same('echo', v, 1)) t.pass(); });
    }, { extraHeaders: headers, transportOptions: { polling: { extraHeaders: headers } } });
  };

  // By the time a client has entered a namespace and sent text, the server
  // knows what it talks to.
  checks.info = function (t) {
    t.root(function (root, manager) {
      client.upgraded(t.env, manager, function () {
        var chat = manager.socket('/chat');
        chat.emit('echo', '\u00e9\u20ac', function () {
          chat.emit('info', function (v) {
            if (!t.same('transport', v && v.transport, client.carrier(t.env.mode))) return;
            if (t.same('generation', v.generation, t.env.generation)) t.pass();
          });
        });
      });
    });
  };

  // The rest is for clients since 3.0 only: they join each namespace themselves.

  // A socket id for each namespace, none of them the session's, and a new one
  // for who comes back.
  checks['own-ids'] = function (t) {
    t.root(function (root, manager) {
      var chat = manager.socket('/chat');
      chat.once('connect', function () {
        var session = manager.engine.id, ids = [root.id, chat.id];
        if (ids[0] === ids[1] || ids.indexOf(session) >= 0) return t.fail('ids ' + ids + ' of session ' + session);
        if (!t.same('length', [ids[0].length, ids[1].length], [20, 20])) return;
        chat.disconnect();
        root.emit('echo', 0, function () { chat.connect(); });
        chat.once('connect', function () {
          if (chat.id === ids[1]) return t.fail('the same id again');
          t.pass();
        });
      });
    });
  };

  // What the server knows of the client's payload comes back with the events of
  // the namespace /auth.
  checks.auth = function (t) {
    var manager = t.open();
    var socket = manager.socket('/auth', { auth: { token: 's\u00e9same', n: [1, null] } });
    socket.on('connect_error', function (e) { t.fail(e.message); });
    socket.once('auth', function (v) {
      if (!t.same('auth', v, { token: 's\u00e9same', n: [1, null] })) return;
      // A func is asked anew each time.
      var second = t.open();
      var other = second.socket('/auth', { auth: function (cb) { cb({ token: 's\u00e9same' }); } });
      other.once('auth', function (w) { if (t.same('auth of a func', w, { token: 's\u00e9same' })) t.pass(); });
    });
  };

  checks['refused-with-data'] = function (t) {
    t.root(function (root, manager) {
      var socket = manager.socket('/auth', { auth: { token: 'wrong' } });
      socket.on('connect', function () { t.fail('connected'); });
      socket.once('connect_error', function (e) {
        if (!t.same('message', e.message, 'not authorized') || !t.same('data', e.data, { code: 'E42', given: 'wrong' })) return;
        // The connection stays, and so does the way in.
        socket.auth = { token: 's\u00e9same' };
        socket.removeAllListeners('connect');
        socket.once('auth', function () {
          root.emit('echo', 1, function (v) { if (t.same('echo afterwards', v, 1)) t.pass(); });
        });
        socket.connect();
      });
    });
  };

  // A refusal in one namespace says nothing about the others, whichever it was.
  checks['root-refused'] = function (t) {
    var manager = t.open({ query: { 'case': t.tag, refuse: 'root' } });
    var root = manager.socket('/'), chat = manager.socket('/chat');
    root.on('connect', function () { t.fail('connected'); });
    root.once('connect_error', function (e) {
      if (!t.same('message', e.message, 'not in here')) return;
      chat.emit('where', 0, function (v) { if (t.same('where', v, '/chat')) t.pass(); });
    });
  };

  checks['only-chat'] = function (t) {
    var manager = t.open();
    var chat = manager.socket('/chat');
    chat.once('connect', function () {
      client.upgraded(t.env, manager, function () {
        chat.emit('where', 0, function (v) { if (t.same('where', v, '/chat')) t.pass(); });
      });
    });
  };

  // The request to come back follows on the heels of the goodbye.
  checks['leave-and-return'] = function (t) {
    t.root(function (root, manager) {
      var chat = manager.socket('/chat');
      chat.once('connect', function () {
        root.disconnect();
        root.once('connect', function () {
          root.emit('where', 0, function (v) { if (t.same('where', v, '/')) t.pass(); });
        });
        root.connect();
      });
    });
  };

  checks['catch-all'] = function (t) {
    t.root(function (socket) {
      socket.onAny(function (name, v) {
        if (t.same('event', [name, v], ['echo', { b: t.env.binary([1, 2]) }])) t.pass();
      });
      socket.emit('echo', { b: t.env.binary([1, 2]) });
    });
  };

  // A question nobody answers ends with an error, and one that is answered does
  // not; since 4.4.
  checks['ack-timeout'] = function (t) {
    t.root(function (socket) {
      socket.timeout(100).emit('nobody', 1, function (err) {
        if (!t.same('error', err && err.message, 'operation has timed out')) return;
        socket.timeout(10000).emit('echo', 'in time', function (err, v) {
          if (t.same('answer', [err, v], [null, 'in time'])) t.pass();
        });
      });
    });
  };

  // The server leaves the first tries unanswered. Each event is sent again until
  // it is answered, and none before the one before it was; since 4.6.
  checks.retries = function (t) {
    t.root(function (socket) {
      var answers = [];
      function answered(err, v) {
        answers.push([err, v]);
        if (answers.length === 2 && t.same('answers', answers, [[null, 3], [null, 1]])) t.pass();
      }
      socket.emit('stubborn', 'a', 3, answered);
      socket.emit('stubborn', 'b', 1, answered);
    }, null, { retries: 5, ackTimeout: 1000 });
  };

  // Acknowledgements as promises, by a question without a listener; since 4.6.
  checks.promise = function (t) {
    t.root(function (socket) {
      socket.timeout(5000).emitWithAck('bin', t.env.binary([1, 2])).then(function (v) {
        if (!t.same('answer', v, t.env.binary([1, 2]))) return;
        socket.timeout(100).emitWithAck('nobody').then(function () { t.fail('an answer of nobody'); }, function () { t.pass(); });
      }, t.fail.bind(t));
    });
  };

  function run(env, names, report, done) {
    client.perform(checks, checkLimit, env, names, report, done);
  }

  return { run: run, names: Object.keys(checks) };
});
