package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// sockets are the websockets that are open. They are the app's to close, with 1001, when it stops.
type sockets struct {
	mu     sync.Mutex
	open   map[*websocket.Conn]struct{}
	ending bool
	closed sync.WaitGroup
}

// serve says who answers, then echoes until either side closes.
func (s *sockets) serve(w http.ResponseWriter, r *http.Request, identity Identity) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }() // closed already, in most cases
	if !s.add(conn) {
		_ = conn.Close(websocket.StatusGoingAway, "stopping") // it goes either way
		return
	}
	defer s.remove(conn)
	hello, err := json.Marshal(identity)
	if err != nil {
		return
	}
	ctx := context.WithoutCancel(r.Context()) // Shutdown cuts no socket; CloseAll ends them
	if conn.Write(ctx, websocket.MessageText, hello) != nil {
		return
	}
	for {
		kind, message, err := conn.Read(ctx)
		if err != nil || conn.Write(ctx, kind, message) != nil {
			return
		}
	}
}

func (s *sockets) add(conn *websocket.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return false
	}
	if s.open == nil {
		s.open = map[*websocket.Conn]struct{}{}
	}
	s.open[conn] = struct{}{}
	return true
}

func (s *sockets) remove(conn *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
}

// CloseAll begins to close every socket with 1001.
func (s *sockets) CloseAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	for conn := range s.open {
		s.closed.Go(func() { _ = conn.Close(websocket.StatusGoingAway, "stopping") }) // the peer may be gone
	}
}

// Wait returns when every close handshake that CloseAll began has ended.
func (s *sockets) Wait() { s.closed.Wait() }
