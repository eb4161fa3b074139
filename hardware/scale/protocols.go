package scale

import (
	"slices"

	"cashier/hardware/serialport"
	"cashier/services/fault"
)

// Protocol is one way in which scales speak.
type Protocol struct {
	Name     string // as in the settings
	Title    string // makes and models, for a person who chooses
	Line     serialport.Params
	Polled   bool // says nothing unless asked
	Flagless bool // has no sign for a weight at rest: only repetition tells
	Unitless bool // does not tell its unit: the settings do

	ask  []byte // what a polled scale is asked
	more []byte // what it is sent when it answered that it is ready
	tare []byte // nil: no such command
	zero []byte
	form func(unit string) form
}

// NewDecoder makes a decoder. unit is what a Unitless protocol counts in: kg, g,
// 斤 or 两; "" is kg.
func (p Protocol) NewDecoder(unit string) *Decoder {
	if unit == "" {
		unit = "kg"
	}
	return &Decoder{form: p.form(unit)}
}

// CanTare and CanZero report whether the scale can be told to.
func (p Protocol) CanTare() bool { return p.tare != nil }

// CanZero reports whether the scale can be told to zero.
func (p Protocol) CanZero() bool { return p.zero != nil }

func always(f form) func(string) form { return func(string) form { return f } }

var (
	line8N1 = serialport.Params{Baud: 9600}
	line7E1 = serialport.Params{Baud: 9600, DataBits: 7, Parity: serialport.EvenParity}
)

var protocols = []Protocol{
	{Name: "os2", Title: "顶尖 ACLaS OS2 及兼容", Line: line8N1, tare: []byte("<TK>\t"), zero: []byte("<ZK>\t"), form: always(frameOS2)},
	{Name: "cas", Title: "CAS 凯士 PD-II / AP-1 / SW（问答）", Line: line8N1, Polled: true, ask: []byte{enq}, more: []byte{dc1}, form: always(frameCAS)},
	{Name: "toledo", Title: "托利多连续输出 Toledo continuous", Line: line8N1, tare: []byte("T"), zero: []byte("Z"), form: always(frameToledo)},
	{Name: "toledo-8217", Title: "托利多 8217（问答）", Line: line7E1, Polled: true, Unitless: true, ask: []byte("W"), tare: []byte("T"), zero: []byte("Z"), form: frame8217},
	{Name: "text", Title: "文本 ST,GS,… (A&D, CAS, Dini)", Line: line8N1, form: always(frameText)},
	{Name: "yousheng", Title: "友声六字节，小数位从 0 起", Line: line8N1, form: always(frameYousheng(0))},
	{Name: "yousheng-1", Title: "友声六字节，小数位从 1 起", Line: line8N1, form: always(frameYousheng(1))},
	{Name: "yaohua", Title: "耀华 XK3190 连续方式 0（十二字节）", Line: line8N1, Flagless: true, Unitless: true, form: frameYaohua},
	{Name: "yaohua-eq", Title: "耀华 XK3190 连续方式 1（= 低位在前）", Line: line8N1, Flagless: true, Unitless: true, form: frameEquals(true)},
	{Name: "yaohua-eq2", Title: "耀华 XK3190 连续方式 2（= 高位在前）", Line: line8N1, Flagless: true, Unitless: true, form: frameEquals(false)},
	{Name: "yaohua-a12", Title: "耀华 XK3190-A12（WG/WN 文本）", Line: line8N1, Flagless: true, form: always(frameA12)},
}

// Protocols lists the protocols, the most usual first.
func Protocols() []Protocol { return slices.Clone(protocols) }

// Find is the protocol of that name ("scale.protocol").
func Find(name string) (Protocol, error) {
	i := slices.IndexFunc(protocols, func(p Protocol) bool { return p.Name == name })
	if i < 0 {
		return Protocol{}, fault.New(fault.Invalid, "scale.protocol",
			"There is no scale protocol {name}. `cashierctl device list` shows them; the scale's manual says which it speaks.", "name", printable(name))
	}
	return protocols[i], nil
}
