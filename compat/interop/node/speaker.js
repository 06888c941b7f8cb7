// Runs one client release in node that says one thing to the server and stays
// until it is ended. Arguments: the release, the server's URL, what to say.
'use strict';

process.EventEmitter = require('events').EventEmitter;
var release = process.argv[2], url = process.argv[3], text = process.argv[4];
if (/^[34]\./.test(release)) require('./newnode');
var io = require('sio-client-' + release);
var socket = io.connect(url);
socket.on('connect', function () { socket.emit('say', text, { from: release }); });
