package store

import "github.com/ownql/ownql/model"

func (s *Store) ReplyRules(rules []model.Rule) []model.Rule { return rules }

func (s *Store) LetterRules(rules []model.Rule) []model.Rule { return rules }
