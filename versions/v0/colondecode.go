package v0

import "bytes"

// DecodeColon reads one packet. Data aliases b. The errors wrap [ErrColon] or
// [ErrColonLimit].
//
// Genuine servers search for a packet with an expression that is not anchored,
// and so swallow garbage before it; here a packet starts with its type.
func DecodeColon(b []byte) (Colon, error) {
	if len(b) < 2 || b[1] != ':' {
		return Colon{}, errColonShape
	}
	p := Colon{Type: ColonType(b[0] - '0')} // wraps for what is below '0'
	if p.Type >= colonTypes {
		return Colon{}, errColonType
	}
	rest, err := p.cutID(b[2:])
	if err != nil {
		return Colon{}, err
	}
	end := bytes.IndexByte(rest, ':')
	if end < 0 {
		end = len(rest)
	} else if end+1 < len(rest) {
		p.Data = rest[end+1:]
	}
	if end > maxEndpoint {
		return Colon{}, errColonLong
	}
	p.Endpoint = string(rest[:end])
	return p, nil
}

// cutID reads the id with its plus sign and the colon behind it.
func (p *Colon) cutID(b []byte) (rest []byte, err error) {
	n, digits := cutDigits(b)
	if digits > maxIDDigits {
		return nil, errColonID
	}
	if digits > 0 {
		p.ID, p.Ack = n, AckAuto
	}
	b = b[digits:]
	if len(b) > 0 && b[0] == '+' {
		// A plus sign without an id asks for nothing, as in genuine servers.
		if p.Ack == AckAuto {
			p.Ack = AckData
		}
		b = b[1:]
	}
	if len(b) == 0 || b[0] != ':' {
		return nil, errColonShape
	}
	return b[1:], nil
}

// cutDigits reads the decimal number at the start of b, of which it may have
// too many digits to be right.
func cutDigits(b []byte) (n int64, digits int) {
	for digits < len(b) && b[digits] >= '0' && b[digits] <= '9' {
		if digits < maxIDDigits {
			n = n*10 + int64(b[digits]-'0')
		}
		digits++
	}
	return n, digits
}

// DecodeColonAck reads the data of an acknowledgement: the id of the packet that
// it answers and, behind a plus sign, its arguments as a JSON array, which is
// returned unchecked and aliases data. Without a plus sign there are none.
func DecodeColonAck(data []byte) (id int64, array []byte, err error) {
	id, digits := cutDigits(data)
	switch {
	case digits == 0:
		return 0, nil, errColonAckID
	case digits > maxIDDigits:
		return 0, nil, errColonID
	}
	if rest := data[digits:]; len(rest) > 1 && rest[0] == '+' {
		array = rest[1:]
	}
	return id, array, nil
}
