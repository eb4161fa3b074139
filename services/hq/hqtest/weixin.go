package hqtest

import "encoding/json"

// appConfig and cardConfig are the two objects of HQ help page weixin.
type appConfig struct {
	AppID     string `json:"appID"`
	AppSecret string `json:"appSecret"`
}

type cardConfig struct {
	BackgroundURL string `json:"backgroundUrl"`
	LogoURL       string `json:"logoUrl"`
	Phone         string `json:"phone"`
	Prerogative   string `json:"prerogative"`
	Description   string `json:"description"`
	ID            int64  `json:"id"`
}

func (s *Server) getApp(call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return outcome{v: s.app}
}

func (s *Server) saveApp(c call) outcome {
	var a appConfig
	if json.Unmarshal(c.body, &a) != nil || a.AppID == "" {
		return s.refuse("请求格式错误")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app = a
	return s.done()
}

func (s *Server) getCard(call) outcome {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return outcome{v: s.card}
}

// saveCard keeps the id: there is one page per tenant.
func (s *Server) saveCard(c call) outcome {
	var k cardConfig
	if json.Unmarshal(c.body, &k) != nil {
		return s.refuse("请求格式错误")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.ID = s.card.ID
	s.card = k
	return s.done()
}
