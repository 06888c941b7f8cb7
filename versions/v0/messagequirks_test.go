package v0

import (
	"net/http"
	"testing"
	"testing/synctest"
)

// Each quirk of genuine clients of 0.1 to 0.6 is a test. Tests of the suite are run
// by the clients themselves, in compat/interop. TestMessageTranscripts replays what
// was recorded of them.
//
//	"//" in the path, no redirect       negotiate.TestDetect; suite over polling and htmlfile
//	"Content-type", form without one    TestPollsTryOneDialectAfterTheOther, TestMessageStreams; suite
//	length in UTF-16 code units         TestFramedGolden; suite: queue
//	"~m~0~m~" for null                  TestMessagesBothWays
//	one payload for what has waited     TestPollsTryOneDialectAfterTheOther; suite: queue
//	empty body of an idle poll          TestPollsTryOneDialectAfterTheOther; suite: silent
//	another dialect after a failure     TestPollsTryOneDialectAfterTheOther; each offer has an id of its own
//	second handshake is ignored         TestStreamSpeaksBothDialects; suite over all streams: entries, queue
//	echo in the middle of a batch       TestQuirkEchoInABatch
//	FF 00 at the end                    transports.TestHixieGoodbye; suite over websocket in node
//	frames in parts and together        transports.TestHixieReader
//	nonce late, or with the head        transports.TestHixieNonce; suite over websocket in node
//	"Upgrade: WebSocket", "websocket"   TestMessageRefusals; suite in node and in browsers
//	spelling of header names for Flash  transports.TestHixieHead; suite over flashsocket
//	"</script>", line ends              TestJSONPMessages, TestMessageForms; suite: message-text
//	two polls at once                   TestHeldPollEndsWithItsSession
//	POST by another transport           TestMessageRequests
//	unknown id: closed without a byte   TestMessageRequests
//	client file with its ETag           the root's TestClientFiles
//	application's own routes            compat/interop.TestOwnRoutes
//
// StreamCloseTimeout is 0 by default, as in 0.6: the tests of messageresume_test.go
// and TestBrokenStreamIsResumed set it, and so does the suite's TestRoomResume.

// TestQuirkEchoInABatch: clients that send by requests put an echo into one with
// their messages. Genuine servers dropped what stood behind it.
func TestQuirkEchoInABatch(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, nil, func(b *messageBubble) {
		c := b.open("")
		sid := b.id(c.taken()[0])
		c.up <- "~m~1~m~a~m~4~m~~h~1~m~1~m~b"
		b.message(`message "a"`)
		b.message(`message "b"`)
		receive(t, b.h.conns)
		c.up <- "~m~1~m~c"
		b.message(`message "c"`)
		synctest.Wait()
		if w := b.do(http.MethodPost, "htmlfile/"+sid+"/send", "data=~m~1~m~d~m~4~m~~h~9~m~1~m~e"); w.Body.String() != "ok" {
			t.Errorf("post: %+v", w)
		}
		b.message(`message "d"`)
		b.message(`message "e"`)
	})
}
