package v0

import "github.com/heirloom-io/socketio/packet"

// DecodeColonEvent reads the data of an event, {"name":...,"args":[...]}. The
// arguments are returned as [packet.Packet].Args has them, and alias data. As in
// genuine servers arguments that are not in an array are one argument, the last
// of several members with one name counts, and others are ignored. The errors
// wrap [ErrColon]: JSON that is invalid or too deep, or no name that is a string.
func DecodeColonEvent(data []byte) (name string, args []byte, err error) {
	if packet.Valid(data) != nil {
		return "", nil, errColonJSON
	}
	named := false
	for key, value := range packet.Members(data) {
		switch k, _ := packet.Unquote(key); k {
		case "name":
			name, named = packet.Unquote(value)
		case "args":
			args = value
		}
	}
	if !named {
		return "", nil, errColonName
	}
	if len(args) > 0 && args[0] == '[' {
		if args, _, err = packet.ScanArray(args); err != nil {
			return "", nil, errColonJSON // cannot happen: it is valid
		}
	}
	return name, args, nil
}

// jsonSpace is the white space that JSON allows between values.
const jsonSpace = " \t\r\n"
