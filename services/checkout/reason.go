package checkout

func reason(code string, a Answer) Reason {
	return Reason{Code: code, RawCode: a.Code, Message: a.Message}
}

func refusal(a Answer) Reason {
	if a.HTTP == 401 || a.HTTP == 403 || keyRefused(a) || clockOrKey(a) {
		return reason("credentials", a)
	}
	return reason("refused", a)
}

func unclearReason(a Answer) Reason {
	if a.Delivery == Silent {
		return reason("silent", a)
	}
	return reason("unreadable", a)
}
