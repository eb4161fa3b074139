package checkout

// This file judges the calls that are neither a payment by the customer's code
// nor its query. Their answers carry, as Key and Amount, the number and the sum
// of what was asked for.

// refunding is Liantuofu's word for a refund whose outcome it does not know yet
// (vendor page 658055638128508): ask on under the same refund number.
const refunding = "REFUNDING"

// judgePrecreate reads the answer to the order of a QR code. Without the code
// nobody can pay; that it was made says nothing about money.
func judgePrecreate(l Leg, a Answer) verdict {
	v := judgePay(l, a)
	switch v {
	case paid, claimed:
		if a.QR == "" {
			return unclear
		}
		return paying
	default:
		return v
	}
}

// judgeRefund reads the answer to a refund. SUCCESS says only that it was
// accepted (vendor page 658055638128508); the query proves it.
func judgeRefund(l Leg, a Answer) verdict {
	if v, done := judgeTransport(a); done {
		return v
	}
	switch {
	case a.Signature == Forged && !keyRefused(a):
		return unclear
	case a.Verdict == success && (a.Key != "" && a.Key != l.Key || a.HasAmount && a.Amount != l.Amount):
		return mismatch
	case a.Verdict == success:
		return claimed
	case a.Verdict == failed && a.Code == refunding:
		return paying
	case a.Verdict == failed && walletUnsure(a):
		return unclear
	case a.Verdict == failed:
		return refused
	}
	return unclear
}

// judgeRefundQuery reads the answer to a query of a refund: proof is its number
// with its sum (vendor page 658056893477643's reply names both).
func judgeRefundQuery(l Leg, a Answer) verdict {
	switch {
	case a.Delivery != Answered:
		return unclear
	case a.HTTP == 401, a.HTTP == 403, a.HTTP == 200 && a.Verdict == failed && keyRefused(a):
		return answered
	case a.HTTP != 200, a.Signature == Forged:
		return unclear
	}
	switch {
	case a.Verdict == success && (a.Key == "" || !a.HasAmount):
		return answered
	case a.Verdict == success && (a.Key != l.Key || a.Amount != l.Amount):
		return mismatch
	case a.Verdict == success:
		return paid
	case a.Verdict == failed && a.Code == refunding:
		return paying
	case a.Verdict == failed && orderMissing(a):
		return missing
	case a.Verdict == failed:
		return answered
	}
	return unclear
}

// RefundAsked is what two queries about one refund say together. done shows only
// refunds that are done, so SUCCESS in it is proof; a refund it does not know may
// be under way, which all shows as well (returnRefundType=1, vendor page
// 658056893477643) and may call a SUCCESS too. all is asked only then.
func RefundAsked(done Answer, all func() Answer) Answer {
	if done.Delivery != Answered || done.HTTP != 200 || done.Verdict != failed || keyRefused(done) || !orderMissing(done) {
		return done
	}
	a := all()
	if a.Delivery == Answered && a.HTTP == 200 && a.Verdict == success {
		a.Verdict, a.Code = failed, refunding
	}
	return a
}
