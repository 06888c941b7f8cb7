package grammar

import (
	"errors"
	"reflect"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, style string
		packet      packet.Packet
		want        string
	}{
		{"event without arguments", "2.x", packet.Packet{Type: packet.Event, Name: "a"}, `42["a"]`},
		{"name that needs escapes", "2.x", packet.Packet{Type: packet.Event, Name: "a\"\n\u2028é"}, `42["a\"\n\u2028é"]`},
		{"name in ASCII", "ascii", packet.Packet{Type: packet.Event, Name: "é😀", Args: []byte(`"é"`)}, `42["\u00e9\ud83d\ude00","\u00e9"]`},
		{"ack in ASCII", "ascii", packet.Packet{Type: packet.Ack, HasID: true, Args: []byte(`"é"`)}, `430["\u00e9"]`},
		{"error in ASCII", "ascii", packet.Packet{Type: packet.Error, Data: []byte(`"é"`)}, `44"\u00e9"`},
		{"namespace stays as it is", "ascii", packet.Packet{Type: packet.Connect, Namespace: "/é"}, `40/é,`},
		{"ack without arguments", "2.x", packet.Packet{Type: packet.Ack, HasID: true, ID: 12}, `4312[]`},
		{"ack without arguments, 1.0.2", "1.0.2", packet.Packet{Type: packet.Ack, HasID: true, ID: 12}, `430-12[]`},
		{"ack in a namespace, 1.0.2", "1.0.2", packet.Packet{Type: packet.Ack, Namespace: "/c", HasID: true}, `430-/c,0[]`},
		{"binary ack, 1.0.2", "1.0.2", packet.Packet{Type: packet.Ack, HasID: true, Attachments: [][]byte{{1}}}, `431-0[]`},
		{"binary event, 1.0.2", "1.0.2", packet.Packet{Type: packet.Event, Name: "a", Attachments: [][]byte{{1}}}, `451-["a"]`},
		{"error without data, 1.x", "1.x", packet.Packet{Type: packet.Error, Namespace: "/c"}, `44/c`},
		{"error without data, 2.x", "2.x", packet.Packet{Type: packet.Error, Namespace: "/c"}, `44/c,`},
		{"payload of a connect, 2.x", "2.x", packet.Packet{Type: packet.Connect, Data: []byte(`{}`)}, `40`},
		{"payload of a connect, 4.x", "4.x", packet.Packet{Type: packet.Connect, Data: []byte(`{}`)}, `40{}`},
		{"data of a disconnect", "4.x", packet.Packet{Type: packet.Disconnect, Namespace: "/c", Data: []byte(`{}`)}, `41/c,`},
		{"id of a connect", "2.x", packet.Packet{Type: packet.Connect, HasID: true}, `40`},
		{"query for the default namespace", "2.x", packet.Packet{Type: packet.Connect, Query: "a=b"}, `40/?a=b,`},
		{"query, 4.x", "4.x", packet.Packet{Type: packet.Connect, Query: "a=b"}, `40`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.packet.NoCompress = true
			frames, err := NewEncoder(styles[tc.style]).Encode(&tc.packet)
			if err != nil {
				t.Fatal(err)
			}
			if len(frames) != 1+len(tc.packet.Attachments) || string(frames[0].Data) != tc.want {
				t.Errorf("%d frames, first %s, want %s", len(frames), frames[0].Data, tc.want)
			}
			for i := range frames {
				if !frames[i].NoCompress {
					t.Errorf("frame %d may be compressed", i)
				}
			}
		})
	}
}

func TestEncodeWithoutPrefix(t *testing.T) {
	t.Parallel()
	data := []byte{1, 2}
	frames, err := NewEncoder(Style{}).Encode(&packet.Packet{Type: packet.Event, Name: "a", Attachments: [][]byte{data}})
	if err != nil {
		t.Fatal(err)
	}
	if string(frames[0].Data) != `51-["a"]` || &frames[1].Data[0] != &data[0] {
		t.Errorf("frames %q, %x", frames[0].Data, frames[1].Data)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]packet.Packet{
		"unknown type":              {Type: 9},
		"namespace without a slash": {Type: packet.Connect, Namespace: "chat"},
		"namespace with a comma":    {Type: packet.Event, Namespace: "/a,b", Name: "x"},
		"query with a comma":        {Type: packet.Connect, Namespace: "/a", Query: "b=c,d"},
		"ack without an id":         {Type: packet.Ack},
		"negative id":               {Type: packet.Event, HasID: true, ID: -1},
		"attachments of an error":   {Type: packet.Error, Attachments: [][]byte{{1}}},
	} {
		frames, err := NewEncoder(styles["2.x"]).Encode(&p)
		if !errors.Is(err, &Error{Kind: KindEncode}) || frames != nil {
			t.Errorf("%s: %v, %d frames", name, err, len(frames))
		}
	}
}

// Every field of a style must show in the key, or clients would get frames of
// another style.
func TestKey(t *testing.T) {
	t.Parallel()
	base := NewEncoder(Style{})
	typ := reflect.TypeFor[Style]()
	for i := range typ.NumField() {
		var s Style
		switch f := reflect.ValueOf(&s).Elem().Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Uint8:
			f.SetUint('4')
		default:
			t.Fatalf("field %s: no value for a %s", typ.Field(i).Name, f.Kind())
		}
		e := NewEncoder(s)
		if e.Key() == base.Key() {
			t.Errorf("field %s is not in the key", typ.Field(i).Name)
		}
		if e.Key() != NewEncoder(s).Key() || e.Style() != s {
			t.Errorf("field %s: equal styles, other keys", typ.Field(i).Name)
		}
	}
}
