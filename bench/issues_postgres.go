package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
)

const (
	postgresTable = `
CREATE TYPE issue_status AS ENUM ('OPEN', 'IN_PROGRESS', 'DONE');
CREATE TYPE priority AS ENUM ('LOW', 'MEDIUM', 'HIGH', 'URGENT');
CREATE TABLE issues (
  id uuid PRIMARY KEY,
  project uuid NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  status issue_status NOT NULL,
  priority priority NOT NULL,
  due_date date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX ON issues (project, status, priority DESC, due_date, id)`

	postgresInsert = `
INSERT INTO issues (id, project, title, body, status, priority, due_date, created_at, updated_at)
SELECT id::uuid, project::uuid, title, body, status::issue_status, priority::priority, due_date::date, created_at::timestamptz, created_at::timestamptz
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
  AS new (id, project, title, body, status, priority, due_date, created_at)`

	postgresSelect = `
SELECT id, title, status, priority, to_char(due_date, 'YYYY-MM-DD') FROM issues
WHERE project = $1::uuid AND status = $2::issue_status AND priority = $3::priority
ORDER BY priority DESC, due_date, id LIMIT 25`

	postgresConnections = 16 // of the handler's pool
)

// postgresIssues is Postgres with a plain SELECT in a handler of net/http: nobody signs in, and no rule
// is asked.
func postgresIssues(issues []issue, pages []page) contestant {
	return contestant{"Postgres, plain SELECT", func(ctx context.Context, p *place) (*server, error) {
		if err := startCluster(ctx, p); err != nil {
			return nil, err
		}
		ids, err := fillPostgres(ctx, p.dir, issues)
		if err != nil {
			return nil, err
		}
		base, err := p.serveSelf(ctx, "postgres")
		if err != nil {
			return nil, err
		}
		return &server{questions: questionsOf(pages, itemTitles, func(page page) question {
			query := url.Values{"project": {ids[page.project]}, "status": {page.status}, "priority": {page.priority}}
			return question{method: http.MethodGet, url: base + "/issues?" + query.Encode()}
		})}, nil
	}}
}

// startCluster makes a cluster in the place's directory, and starts it. It listens on a socket there, and
// on no port. Postgres does not run as root: then it is the user postgres that it runs as.
func startCluster(ctx context.Context, p *place) error {
	initdb, err := postgresProgram("initdb")
	if err != nil {
		return err
	}
	postgres, err := postgresProgram("postgres")
	if err != nil {
		return err
	}
	if err := os.Chmod(p.dir, 0o700); err != nil {
		return err
	}
	var as *syscall.SysProcAttr
	if os.Getuid() == 0 {
		account, err := osuser.Lookup("postgres")
		if err != nil {
			return err
		}
		uid, uidErr := strconv.Atoi(account.Uid)
		gid, gidErr := strconv.Atoi(account.Gid)
		if err := errors.Join(uidErr, gidErr, os.Chown(p.dir, uid, gid)); err != nil {
			return err
		}
		as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	data := filepath.Join(p.dir, "cluster")
	making := exec.CommandContext(ctx, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	making.Dir, making.SysProcAttr = p.dir, as
	if said, err := making.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, said)
	}
	serving := p.command(program{args: []string{postgres, "-D", data, "-k", p.dir, "-c", "listen_addresses="}})
	serving.Dir, serving.SysProcAttr = p.dir, as
	if err := p.start(serving, os.Interrupt); err != nil { // SIGINT: without waiting for its clients
		return err
	}
	db, err := openPostgres(p.dir)
	if err != nil {
		return err
	}
	defer db.Close()
	return p.wait(ctx, func() error { return db.PingContext(ctx) })
}

// postgresProgram returns where a program of Postgres is. Debian has them outside of PATH.
func postgresProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("there is no %s: install Debian's package postgresql, or name its directory in PATH", name)
	}
	return slices.Max(found), nil
}

// openPostgres returns the cluster whose socket is in dir.
func openPostgres(dir string) (*sql.DB, error) {
	db, err := sql.Open("pgx", "host="+dir+" user=postgres dbname=postgres sslmode=disable")
	if err == nil {
		db.SetMaxOpenConns(postgresConnections)
		db.SetMaxIdleConns(postgresConnections)
	}
	return db, err
}

// fillPostgres writes the issues, and returns the projects' ids.
func fillPostgres(ctx context.Context, dir string, issues []issue) (ids []string, err error) {
	db, err := openPostgres(dir)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, postgresTable); err != nil {
		return nil, err
	}
	for range projects {
		ids = append(ids, uuid.Must(uuid.NewV7()).String())
	}
	for some := range slices.Chunk(issues, 5000) {
		var columns [8][]string
		for _, one := range some {
			for i, value := range []string{
				uuid.Must(uuid.NewV7()).String(), ids[one.project], one.title, one.body,
				one.status, one.priority, one.dueDate, one.createdAt.Format(time.RFC3339),
			} {
				columns[i] = append(columns[i], value)
			}
		}
		arguments := make([]any, len(columns))
		for i, column := range columns {
			arguments[i] = column
		}
		if _, err := db.ExecContext(ctx, postgresInsert, arguments...); err != nil {
			return nil, err
		}
	}
	_, err = db.ExecContext(ctx, "VACUUM ANALYZE issues")
	return ids, err
}

// An item is an issue in the answer.
type item struct {
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Status   string  `json:"status"`
	Priority string  `json:"priority"`
	DueDate  *string `json:"dueDate"`
}

func servePostgres(ctx context.Context, dir, addr string) error {
	db, err := openPostgres(dir)
	if err != nil {
		return err
	}
	defer db.Close()
	return serveHTTP(ctx, addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		items, err := selectItems(r.Context(), db, query.Get("project"), query.Get("status"), query.Get("priority"))
		if err != nil {
			log.Print(err)
			http.Error(w, "the log has the error", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"items": items})
	}))
}

func selectItems(ctx context.Context, db *sql.DB, project, status, priority string) (items []item, err error) {
	rows, err := db.QueryContext(ctx, postgresSelect, project, status, priority)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one item
		if err := rows.Scan(&one.ID, &one.Title, &one.Status, &one.Priority, &one.DueDate); err != nil {
			return nil, err
		}
		items = append(items, one)
	}
	return items, rows.Err()
}
