package main

import (
	"fmt"

	socketio "github.com/heirloom-io/socketio"
)

// serveChat registers the chat on the default namespace.
//
// A client sends nick(name), join(room), leave(room), say(room, text) and
// look() after its transport has changed. It gets you(member), rooms(overview),
// members(presence), history(room, lines) and line(line). Nothing here asks
// which generation a client is of: the room holds them all.
func serveChat(io *socketio.Server) {
	c := &chat{io: io, hall: newHall()}
	io.OnConnection(c.welcome)
}

type chat struct {
	io   *socketio.Server
	hall *hall
}

func (c *chat) welcome(s *socketio.Socket) {
	nick := "guest " + s.ID()[:min(4, len(s.ID()))]
	c.introduce(s, nick)
	_ = s.Emit("rooms", c.hall.overview())

	s.On("nick", func(name string) {
		if name = clean(name, maxName); name != "" && name != nick {
			old := nick
			nick = name
			for _, room := range c.introduce(s, nick) {
				c.announce(room, fmt.Sprintf("%s is now %s", old, nick))
			}
		}
	})
	s.On("look", func() { c.introduce(s, nick) })
	s.On("join", func(name string) {
		if name = clean(name, maxName); name == "" || !c.hall.join(name, s.ID()) {
			return
		}
		s.Join(channel(name))
		_ = s.Emit("history", name, c.hall.history(name))
		c.announce(name, nick+" came in")
		c.show(name)
	})
	s.On("leave", func(name string) {
		if name = clean(name, maxName); !c.hall.leave(name, s.ID()) {
			return
		}
		s.Leave(channel(name))
		c.announce(name, nick+" left")
		c.show(name)
	})
	s.On("say", func(room, text string) {
		// An upgrade since then shows here at the latest.
		c.introduce(s, nick)
		if text = clean(text, maxText); text == "" {
			return
		}
		if l, ok := c.hall.say(line{Room: clean(room, maxName), ID: s.ID(), Text: text}); ok {
			_ = c.io.To(channel(l.Room)).Emit("line", l)
		}
	})
	s.OnDisconnect(func(reason socketio.Reason) {
		for _, room := range c.hall.remove(s.ID()) {
			c.announce(room, fmt.Sprintf("%s is gone (%s)", nick, reason))
			c.show(room)
		}
	})
}

// introduce tells a client, and everybody in its rooms, who it is and how it is
// connected, if that is news. It returns those rooms.
func (c *chat) introduce(s *socketio.Socket, nick string) []string {
	info := s.Conn().Info()
	m := member{ID: s.ID(), Nick: nick, Generation: info.Generation, Transport: info.Transport}
	rooms, news := c.hall.update(m)
	if news {
		_ = s.Emit("you", m)
	}
	for _, room := range rooms {
		_ = c.io.To(channel(room)).Emit("members", c.hall.presence(room))
	}
	return rooms
}

// announce says something in the program's own name.
func (c *chat) announce(room, text string) {
	if l, ok := c.hall.say(line{Room: room, Text: text}); ok {
		_ = c.io.To(channel(room)).Emit("line", l)
	}
}

// show sends who is in a room to the room, and how full every room is to all.
func (c *chat) show(room string) {
	_ = c.io.To(channel(room)).Emit("members", c.hall.presence(room))
	_ = c.io.Emit("rooms", c.hall.overview())
}

// channel keeps the names that people choose apart from socket ids, which are
// rooms too.
func channel(room string) string { return "chat:" + room }
