package checkout

// unconfirmed is why a leg is in doubt after a question about it. Where that was not
// answered, the gateway's words are about the question, and not about the money.
func unconfirmed(a *Answer) Reason {
	r := reason("unconfirmed", a)
	if a.Delivery != Answered || a.HTTP != 200 {
		r.Message = "The provider was asked what became of it and gave no usable answer."
	}
	return r
}

func reason(code string, a *Answer) Reason {
	return Reason{Code: code, RawCode: a.Code, Message: a.Message}
}
