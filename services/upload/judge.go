package upload

import (
	"time"

	"cashier/services/fault"
)

// HQ's statuses that an upload has to tell apart (HQ help page shopupload,
// response field status).
const (
	statusInternal      = 500
	statusConfirmFailed = 702
	statusUnknown       = 703
	statusDuplicate     = 801
	statusTimeout       = 1003
)

// verdict is what an answer means for the rows that were sent.
type verdict uint8

const (
	unclear verdict = iota // perhaps stored: send the same again
	stored
	already // one of the serial numbers was there before
	refused // none was stored (of several: perhaps some), and sending again helps nothing
	odd     // a status that no page explains: perhaps stored, and a person must look
	closing // HQ is closing the day: send the same again
	shut    // nothing was sent, or nothing let in: the rows are not to blame
)

func judge(a Answer) verdict {
	switch {
	case a.Err == nil:
		return stored
	case a.Status == statusDuplicate:
		return already
	}
	switch fault.KindOf(a.Err) {
	case fault.Refused:
		return refused
	case fault.Busy:
		return closing
	case fault.Unknown:
		switch a.Status {
		case 0, statusInternal, statusConfirmFailed, statusUnknown, statusTimeout:
			return unclear
		}
		return odd
	case fault.Internal, fault.Invalid, fault.Denied, fault.Credentials, fault.Unreachable, fault.Contract:
	}
	return shut
}

const (
	// An item that HQ has answered so often with neither yes nor no lets those
	// behind it pass: it may be its own content that HQ stumbles over.
	patience = 6
	setAside = time.Hour
)

// outcome is what an item comes to by a verdict on the request it was sent in,
// alone or with others. It is given as it stood before that request.
func (i Item) outcome(v verdict, a Answer, alone bool, now time.Time) Outcome {
	o := Outcome{Seq: i.Seq, State: Waiting, Open: i.Open, Tries: i.Tries + 1, Unclear: i.Unclear, Status: a.Status, Words: a.words()}
	switch v {
	case stored:
		o.State, o.Open = Done, false
	case already:
		// Without an earlier request of ours that may have arrived, somebody
		// else used our number: that is for a person. Of several, each is sent
		// by itself to see which it is; none counts as sent for having been in
		// company that was turned away.
		switch {
		case i.Open:
			o.State, o.Open = Done, false
		case alone:
			o.State = Parked
		}
	case refused:
		if alone {
			o.State = Parked
		} else {
			o.Open = true // the others may have been stored
		}
	case odd:
		o.Open = true
		if alone {
			o.State = Parked
		}
	case closing:
		o.Open = true
	case unclear:
		o.Open = true
		if !a.Unheard {
			o.Unclear++
		}
		if o.Unclear >= patience && alone {
			o.Due = now.Add(setAside)
		}
	case shut:
		o.Tries = i.Tries
	}
	return o
}

func (a Answer) words() string {
	if a.Words == "" && a.Err != nil {
		return a.Err.Error()
	}
	return a.Words
}

// held is why the queue cannot go on now, nil where it can.
func held(v verdict, a Answer, first Outcome) error {
	switch v {
	case stored, already, refused, odd:
		return nil
	case shut:
		return a.Err
	case unclear, closing:
	}
	if !first.Due.IsZero() {
		return nil
	}
	return fault.Wrap(a.Err, fault.Unreachable, "upload.unclear", "HQ did not say that it has the sales it was sent: {why} They are sent again; none is lost, and none is stored twice.", "why", a.words())
}
