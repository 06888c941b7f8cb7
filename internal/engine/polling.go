package engine

import (
	"errors"
	"net/http"
	"strings"

	"github.com/heirloom-io/socketio/internal/cors"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// maxAnswer bounds one polling answer, in bytes of frames; the rest goes into
// the next.
const maxAnswer = 4 << 20

var (
	noopFrame  = &packet.Frame{Data: []byte{'0' + byte(PacketNoop)}}
	closeFrame = &packet.Frame{Data: []byte{'0' + byte(PacketClose)}}
)

// poll serves a GET: it is held until there is something to send.
func (s *Session) poll(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.held != nil {
		s.mu.Unlock()
		s.end(versions.ReasonTransportError, endNow)
		s.answer(w, r, s.profile.Revision.OverlapStatus, "", nil)
		return
	}
	if s.closed && s.farewell == nil {
		s.mu.Unlock()
		Refuse(w, r, CodeSessionUnknown, "")
		return
	}
	if s.carrier != nil { // upgraded since the request was looked at
		s.mu.Unlock()
		Refuse(w, r, CodeBadRequest, "")
		return
	}
	held := transports.Hold(&s.out)
	s.held = held
	if s.closed {
		held.Tell()
	}
	s.mu.Unlock()

	if err := held.Wait(r.Context()); err != nil {
		s.unhold(held, 0)
		held.Release()
		s.end(versions.ReasonTransportError, endNow)
		return
	}
	frames := held.Take(nil, maxAnswer)
	if last := s.unhold(held, len(frames)); last != nil {
		frames = append(frames, last)
	}
	if len(frames) == 0 {
		frames = append(frames, noopFrame)
	}
	if err := s.answerFrames(w, r, frames); err != nil {
		s.end(versions.ReasonTransportError, endNow)
	}
}

// unhold ends the holding of a GET. For a session that has ended it returns the
// packet that says so, after which nobody can poll any more; unless so many frames
// are to be answered that it has to wait for the next poll.
func (s *Session) unhold(held *transports.Held, frames int) *packet.Frame {
	s.mu.Lock()
	if s.held == held {
		s.held = nil
	}
	last := s.farewell
	if s.closed && s.carrier == nil {
		if n, _ := s.out.Len(); n > 0 || frames > 0 && s.profile.Revision.CloseAlone {
			s.mu.Unlock()
			return nil // the rest comes with the next poll
		}
		s.farewell = nil
		if s.timer != nil {
			s.timer.Stop()
		}
	}
	closed := s.closed
	s.mu.Unlock()
	if !closed {
		return nil
	}
	s.abandonProbe()
	s.srv.remove(s)
	return last
}

func (s *Session) answerFrames(w http.ResponseWriter, r *http.Request, frames []*packet.Frame) error {
	body, octet := s.profile.Revision.payload.join(nil, frames, s.profile.Revision, &s.record)
	contentType := "text/plain; charset=UTF-8"
	switch {
	case s.record.JSONP != "":
		contentType = "text/javascript; charset=UTF-8"
		body = AppendJSONP(make([]byte, 0, len(body)+len(body)/4+16), s.record.JSONP, body)
	case octet:
		// Exactly so: clients of 2.0-2.2 compare the whole header.
		contentType = "application/octet-stream"
	}
	compress := -1
	for _, f := range frames {
		if !f.NoCompress {
			compress = s.srv.p.CompressHTTP
		}
	}
	return s.answerCompressed(w, r, http.StatusOK, contentType, body, compress)
}

// answer writes a polling answer without compression.
func (s *Session) answer(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	_ = s.answerCompressed(w, r, status, contentType, body, -1)
}

func (s *Session) answerCompressed(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte, compress int) error {
	h := w.Header()
	if s.record.JSONP == "" {
		cors.AllowAny(h, r)
	}
	if s.profile.Cookie != nil && s.cookieDue() {
		h.Add("Set-Cookie", s.profile.Cookie(s.id)) // beside those of the application
	}
	if s.profile.Revision.NoStore {
		h.Set("Cache-Control", "no-store")
	}
	if ua := r.UserAgent(); strings.Contains(ua, ";MSIE") || strings.Contains(ua, "Trident/") {
		h.Set("X-XSS-Protection", "0")
	}
	return transports.Answer(w, r, body, transports.AnswerParams{
		Status:      status,
		ContentType: contentType,
		Timeout:     s.srv.p.WriteTimeout,
		Compress:    compress,
	})
}

// cookieDue reports whether a polling answer is to carry the cookie.
func (s *Session) cookieDue() bool {
	return s.greeting.Swap(false) || !s.profile.Revision.CookieOnce
}

// preflight answers OPTIONS, which browsers send before a POST of binary data, in
// revisions that know of no other reason.
func (s *Session) preflight(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
	s.answer(w, r, http.StatusOK, "", nil)
}

// post serves a POST: packets from the client.
func (s *Session) post(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	posting, closed := s.posting, s.closed
	if !closed {
		s.posting = true
	}
	s.mu.Unlock()
	switch {
	case closed:
		// Typically the client's own goodbye after it was told ours.
		transports.Drain(r)
		s.answer(w, r, http.StatusOK, "text/html", []byte("ok"))
		return
	case posting:
		s.end(versions.ReasonTransportError, endNow)
		s.answer(w, r, s.profile.Revision.OverlapStatus, "", nil)
		return
	}
	if s.profile.Revision.TextBodies && isOctet(r) {
		s.end(versions.ReasonTransportError, endNow)
		transports.Drain(r)
		s.answer(w, r, http.StatusBadRequest, "", nil)
		return
	}
	body, err := transports.ReadBody(w, r, transports.UplinkParams{
		Max:     s.profile.MaxPayload,
		Timeout: s.srv.p.UplinkTimeout,
		Budget:  s.srv.p.Budget,
	})
	if err == nil {
		s.takeBody(r, body)
	}
	// Before the answer: the client may post again as soon as it has that.
	s.mu.Lock()
	s.posting = false
	s.mu.Unlock()
	if err != nil {
		s.refuseBody(w, r, err)
		return
	}
	s.answer(w, r, http.StatusOK, "text/html", []byte("ok"))
}

func (s *Session) refuseBody(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, transports.ErrTooLarge) && s.profile.Revision.KeepOnTooLarge:
		w.Header().Set("Connection", "close")
		s.answer(w, r, http.StatusRequestEntityTooLarge, "", nil)
		return
	case errors.Is(err, transports.ErrBusy):
		w.Header().Set("Connection", "close")
		s.answer(w, r, http.StatusServiceUnavailable, "", nil)
	default:
		transports.Abort(w)
	}
	s.end(versions.ReasonTransportError, endNow)
}

// takeBody handles the packets of a body. Genuine servers answer "ok" whatever
// is in it; a fault shows in the session's end.
func (s *Session) takeBody(r *http.Request, body *transports.Body) {
	defer body.Close()
	data := body.Data
	octet := isOctet(r)
	if s.record.JSONP != "" && !octet {
		form, ok, err := DecodeJSONPForm(data, s.profile.MaxPayload)
		if err != nil {
			s.end(versions.ReasonParseError, endNow)
			return
		}
		if !ok {
			return
		}
		data = form
	}
	packets, learnt, err := s.profile.Revision.payload.split(data, octet, &s.record, PayloadLimits{MaxBytes: s.profile.MaxPayload})
	if learnt != Unknown {
		s.recv.Lock()
		if s.handler != nil {
			s.handler.Learnt(learnt)
		}
		s.recv.Unlock()
	}
	own(packets, len(data))
	if !s.receive(packets) || err != nil {
		s.end(versions.ReasonParseError, endNow)
	}
}

func isOctet(r *http.Request) bool {
	return r.Header.Get("Content-Type") == "application/octet-stream"
}

// own gives small packets of a large body memory of their own: they may wait for
// their handlers for long, and are counted by their own size.
func own(packets []RawPacket, body int) {
	for i := range packets {
		if p := &packets[i]; len(p.Data) < body/2 {
			p.Data = append([]byte(nil), p.Data...)
		}
	}
}
