package checkout

import "testing"

var testLeg = Leg{ID: "l1", SaleID: "s1", Key: "T-1-k1", Class: ClassCode, Amount: 1230}

func ok(order OrderState) Answer {
	return Answer{Delivery: Answered, HTTP: 200, Verdict: success, Key: testLeg.Key, Amount: testLeg.Amount, HasAmount: true, Order: order, Signature: Signed}
}

func with(a Answer, change func(*Answer)) Answer { change(&a); return a }

func no(code, message string) Answer {
	return Answer{Delivery: Answered, HTTP: 200, Verdict: failed, Code: code, Message: message}
}

func status(n int) Answer { return Answer{Delivery: Answered, HTTP: n} }

func TestJudgePay(t *testing.T) {
	for name, c := range map[string]struct {
		a    Answer
		want verdict
	}{
		"paid":                     {ok(OrderPaid), paid},
		"no order state":           {ok(""), claimed},
		"success, still paying":    {with(ok(OrderPaid), func(a *Answer) { a.Code = "USER_PAYING" }), claimed},
		"the wallet is unsure":     {no("SYSTEM_ERROR", "系统繁忙"), unclear},
		"the buyer is waited for":  {no("WAIT_BUYER_PAY", "等待用户付款"), unclear},
		"unsigned":                 {with(ok(OrderPaid), func(a *Answer) { a.Signature = Unsigned }), claimed},
		"no key":                   {with(ok(OrderPaid), func(a *Answer) { a.Key = "" }), claimed},
		"no amount":                {with(ok(OrderPaid), func(a *Answer) { a.HasAmount = false }), claimed},
		"order not yet paid":       {ok(OrderNotPaid), claimed},
		"forged":                   {with(ok(OrderPaid), func(a *Answer) { a.Signature = Forged }), unclear},
		"wrong amount":             {with(ok(OrderPaid), func(a *Answer) { a.Amount++ }), mismatch},
		"wrong key":                {with(ok(OrderPaid), func(a *Answer) { a.Key = "other" }), mismatch},
		"customer is paying":       {no("USER_PAYING", "需要用户输入密码"), paying},
		"known key":                {no("PARAMETER_ERROR", "订单已存在，请重新下单"), duplicate},
		"expired code":             {no("AUTH_CODE_ERROR", "付款码已过期"), refused},
		"too little":               {no("", "余额不足"), refused},
		"refusal of another key":   {with(no("X", "no"), func(a *Answer) { a.Key = "other" }), unclear},
		"forged refusal":           {with(no("X", "no"), func(a *Answer) { a.Signature = Forged }), unclear},
		"our key is wrong":         {with(no("SIGN_ERROR", "签名错误"), func(a *Answer) { a.Signature = Forged }), refused},
		"unknown verdict":          {with(ok(OrderPaid), func(a *Answer) { a.Verdict = "703" }), unclear},
		"generic 200":              {status(200), unclear},
		"401":                      {status(401), refused},
		"403":                      {status(403), refused},
		"404":                      {status(404), refused},
		"408":                      {status(408), unclear},
		"409":                      {status(409), unclear},
		"429":                      {status(429), unclear},
		"302":                      {status(302), unclear},
		"500":                      {status(500), unclear},
		"502":                      {status(502), unclear},
		"timeout":                  {Answer{Delivery: Silent}, unclear},
		"reset":                    {Answer{}, unclear},
		"nothing left the machine": {Answer{Delivery: NotSent}, notSent},
	} {
		if got := judgePay(testLeg, c.a); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestJudgeQuery(t *testing.T) {
	for name, c := range map[string]struct {
		a    Answer
		want verdict
	}{
		"paid":                {ok(OrderPaid), paid},
		"paid, unsigned":      {with(ok(OrderPaid), func(a *Answer) { a.Signature = Unsigned }), paid},
		"paid, no amount":     {with(ok(OrderPaid), func(a *Answer) { a.HasAmount = false }), answered},
		"paid, no key":        {with(ok(OrderPaid), func(a *Answer) { a.Key = "" }), answered},
		"paid, wrong amount":  {with(ok(OrderPaid), func(a *Answer) { a.Amount-- }), mismatch},
		"another key":         {with(ok(OrderPaid), func(a *Answer) { a.Key = "other" }), mismatch},
		"forged":              {with(ok(OrderPaid), func(a *Answer) { a.Signature = Forged }), unclear},
		"not paid":            {ok(OrderNotPaid), unpaid},
		"closed":              {ok(OrderClosed), closed},
		"refunded":            {ok(OrderRefunded), refunded},
		"revoked":             {ok(OrderRevoked), refunded},
		"unknown order state": {ok("WHATEVER"), answered},
		"no order state":      {ok(""), answered},
		"customer is paying":  {no("USER_PAYING", ""), paying},
		"no such order":       {no("ORDER_NOT_EXIST", ""), missing},
		"no such order, zh":   {no("", "订单不存在"), missing},
		"no such merchant":    {no("", "商户不存在"), answered},
		"some other failure":  {no("SYSTEM_ERROR", ""), answered},
		"our key is wrong":    {with(no("SIGN_ERROR", ""), func(a *Answer) { a.Signature = Forged }), answered},
		"401":                 {status(401), answered},
		"500":                 {status(500), unclear},
		"404":                 {status(404), unclear},
		"timeout":             {Answer{Delivery: Silent}, unclear},
		"not sent":            {Answer{Delivery: NotSent}, unclear},
	} {
		if got := judgeQuery(testLeg, c.a); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
