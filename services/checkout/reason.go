package checkout

func reason(code string, a *Answer) Reason {
	return Reason{Code: code, RawCode: a.Code, Message: a.Message}
}
