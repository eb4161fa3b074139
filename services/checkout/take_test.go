package checkout

import "testing"

func TestJudgeRedeem(t *testing.T) {
	l := Leg{ID: "l1", Key: "T-1-k1", Class: ClassCard, Count: 1, State: Sent}
	for name, c := range map[string]struct {
		a    Answer
		want verdict
	}{
		"done":          {Answer{Delivery: Answered, HTTP: 200, Verdict: success}, paid},
		"too few":       {no("", "剩余次数不足"), refused},
		"forged":        {Answer{Delivery: Answered, HTTP: 200, Verdict: success, Signature: Forged}, unclear},
		"wrong key":     {with(no("SIGN_ERROR", ""), func(a *Answer) { a.Signature = Forged }), refused},
		"garbage":       {status(200), unclear},
		"500":           {status(500), unclear},
		"404":           {status(404), unclear},
		"401":           {status(401), refused},
		"timeout":       {Answer{Delivery: Silent}, unclear},
		"never left":    {Answer{Delivery: NotSent}, notSent},
		"other verdict": {Answer{Delivery: Answered, HTTP: 200, Verdict: "OK"}, unclear},
	} {
		if got := judgeTake(l, c.a); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// yes is a consume that took the leg's amount: both envelopes as the V2 page's
// sample of success has them.
func yes(l Leg) Answer {
	return Answer{
		Delivery: Answered, HTTP: 200, Verdict: "true", Code: "0", Inner: &Inner{"true", "0"},
		ProviderNo: "B1", Amount: l.Amount, HasAmount: true,
	}
}

// bare takes the proof of a charge out of an answer.
func bare(a *Answer) { a.Inner, a.ProviderNo, a.HasAmount = nil, "", false }

func TestJudgeConsume(t *testing.T) {
	l := Leg{ID: "l1", Key: "T-1-k1", Class: ClassMember, Amount: 1230, State: Sent}
	for name, c := range map[string]struct {
		change func(*Answer)
		want   verdict
	}{
		"done":                          {func(*Answer) {}, paid},
		"a code with decimals":          {func(a *Answer) { a.Code, a.Inner = "0.0", &Inner{"true", "0E0"} }, paid},
		"clock or key, with decimals":   {func(a *Answer) { bare(a); a.Verdict, a.Code = "false", "110004.0" }, refused},
		"only one envelope":             {func(a *Answer) { a.Inner = nil }, paid},
		"inner says no":                 {func(a *Answer) { a.Inner = &Inner{"false", "0"} }, unclear},
		"inner code":                    {func(a *Answer) { a.Inner = &Inner{"true", "5"} }, unclear},
		"inner without status":          {func(a *Answer) { a.Inner = &Inner{"", "0"} }, unclear},
		"a code outside, yes inside":    {func(a *Answer) { a.Code = "200" }, unclear},
		"clock outside, yes inside":     {func(a *Answer) { a.Verdict, a.Code = "false", "110004" }, unclear},
		"a code outside, with sums":     {func(a *Answer) { a.Code, a.Inner = "200", nil }, unclear},
		"a coupon is missing in it":     {func(a *Answer) { a.Lacks = true }, unclear},
		"true with a code: a refusal":   {func(a *Answer) { bare(a); a.Code = "200605" }, refused},
		"true with words for a code":    {func(a *Answer) { bare(a); a.Code = "异常编码" }, refused},
		"true without a code":           {func(a *Answer) { a.Code = "" }, unclear},
		"false: the system's own fault": {func(a *Answer) { a.Verdict, a.Code = "false", "999999" }, unclear},
		"false with code 0":             {func(a *Answer) { a.Verdict = "false" }, unclear},
		"clock or key":                  {func(a *Answer) { bare(a); a.Verdict, a.Code = "false", "110004" }, refused},
		"nonce seen":                    {func(a *Answer) { bare(a); a.Verdict, a.Code = "false", "110007" }, refused},
		"no envelope":                   {func(a *Answer) { a.Verdict, a.Code = "", "" }, unclear},
		"no bizId":                      {func(a *Answer) { a.ProviderNo = "" }, unclear},
		"another sum":                   {func(a *Answer) { a.Amount-- }, mismatch},
		"no sum":                        {func(a *Answer) { a.HasAmount = false }, unclear},
		"401":                           {func(a *Answer) { *a = status(401) }, refused},
		"403":                           {func(a *Answer) { *a = status(403) }, refused},
		"404":                           {func(a *Answer) { *a = status(404) }, unclear},
		"409":                           {func(a *Answer) { *a = status(409) }, unclear},
		"302":                           {func(a *Answer) { *a = status(302) }, unclear},
		"500 with a yes":                {func(a *Answer) { a.HTTP = 500 }, unclear},
		"timeout":                       {func(a *Answer) { *a = Answer{Delivery: Silent} }, unclear},
		"never left":                    {func(a *Answer) { *a = Answer{Delivery: NotSent} }, notSent},
	} {
		a := yes(l)
		c.change(&a)
		if got := judgeTake(l, a); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	l.Amount = 0 // points or coupons alone
	if got := judgeTake(l, with(yes(l), func(a *Answer) { a.HasAmount = false })); got != paid {
		t.Errorf("without money: %d", got)
	}
	if got := judgeTake(l, with(yes(l), func(a *Answer) { a.Amount = 1 })); got != mismatch {
		t.Errorf("money that nobody asked for: %d", got)
	}
}

func TestASilentAccountIsNeverAskedTwice(t *testing.T) {
	s := begin(t, ClassMember)
	s.sent("take")
	s.step(Input{Kind: Replied, Op: OpTake, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "call evidence")
	e := s.step(Input{Kind: Replied, Op: OpEvidence, Answer: Answer{Delivery: Answered, Message: "coupon …8328: used"}}, "record MANUAL")
	if e.Event.Reason.Message != "coupon …8328: used" {
		t.Errorf("evidence: %q", e.Event.Reason.Message)
	}
	s.step(Input{Kind: Recorded}, "done")
}

func TestAnotherSumThanAskedForAlarms(t *testing.T) {
	s := begin(t, ClassMember)
	s.sent("take")
	wrong := with(yes(s.m.Leg), func(a *Answer) { a.Amount++ })
	if e := s.step(Input{Kind: Replied, Op: OpTake, Answer: wrong}, "record UNKNOWN"); !e.Alarm {
		t.Error("nobody is told")
	}
}
