package command

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"go.opentelemetry.io/otel/trace"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/web"
)

// serveFlags are those of `ownql serve`.
type serveFlags struct {
	Addr          string   `env:"OWNQL_ADDR" placeholder:"HOST:PORT" help:"Where to listen (${env}, default 127.0.0.1:8080; with PORT set, every interface at that port)."`
	URL           string   `name:"url" env:"OWNQL_URL" placeholder:"URL" help:"The public address, for links and the tokens' issuer (${env})."`
	Dev           *onOff   `env:"OWNQL_DEV" help:"Playground, and introspection without a token, for this machine (${env}, =off turns it off; default on where --addr is loopback, the store embedded, and OWNQL_SECRET and OWNQL_JWKS unset)."`
	Signup        string   `env:"OWNQL_SIGNUP" enum:"open,closed" default:"open" placeholder:"open|closed" help:"Who makes accounts: anyone by /signup, or you by 'ownql user add' (${env}, default ${default})."`
	Anonymous     onOff    `env:"OWNQL_ANONYMOUS" help:"Execute requests without a token, as nobody (${env}, default off)."`
	Introspection *onOff   `env:"OWNQL_INTROSPECTION" help:"Show the schema to clients (${env}, =off hides it; default on in dev)."`
	CORSOrigin    []string `name:"cors-origin" env:"OWNQL_CORS_ORIGINS" placeholder:"ORIGIN" help:"Origins whose pages may call the API (${env}, comma-separated; default loopback ones in dev)."`
	CORSHeader    []string `name:"cors-header" aliases:"cors-headers" env:"OWNQL_CORS_HEADERS" placeholder:"NAME" help:"Headers that those pages may send beside what common clients do, such as X-Tenant (${env}, comma-separated)."`
	gql.Limits
	gql.ReadLimits
	MaxRequests     int      `env:"OWNQL_MAX_REQUESTS" default:"1000" placeholder:"N" help:"Requests served at once; more are answered 503 (${env}, default ${default})."`
	Trusted         string   `name:"trusted-documents" env:"OWNQL_TRUSTED_DOCUMENTS" placeholder:"FILE" help:"Run only these documents: the map of ids that relay-compiler or graphql-codegen wrote (${env}). In dev any runs, and the log names what would be refused."`
	RequireVerified onOff    `name:"require-verified-email" env:"OWNQL_REQUIRE_VERIFIED_EMAIL" help:"Let nobody sign in before following the link in a mail; /signup opens no session (${env}, default off)."`
	MailFrom        string   `env:"OWNQL_MAIL_FROM" placeholder:"ADDRESS" help:"Whom mails come from, 'Example <no-reply@example.com>' (${env}). They are sent by the server that OWNQL_SMTP_URL names, smtp://USER:PASSWORD@HOST:587; in dev without one, to /dev/mail."`
	MailTemplates   string   `env:"OWNQL_MAIL_TEMPLATES" placeholder:"DIR" help:"Templates of mails, in the place of those that ownql brings along (${env})."`
	DebugAddr       string   `env:"OWNQL_DEBUG_ADDR" placeholder:"HOST:PORT" help:"Where to serve pprof, expvar and, at /metrics, Prometheus's metrics, to this machine alone (${env}, default nowhere)."`
	MaxSession      string   `env:"OWNQL_MAX_SESSION" default:"90d" placeholder:"TIME" help:"When a session ends however much it is used, 12h or 90d after sign-in (${env}, default ${default}). Unused, it ends after 30d."`
	RateLimit       onOff    `env:"OWNQL_RATE_LIMIT" default:"on" help:"Limit sign-ins by client address (${env}, default on; =off where a proxy hides the clients' addresses, and --trusted-proxy cannot tell them). The limit by account stays."`
	TokenRate       int      `env:"OWNQL_TOKEN_RATE" default:"600" placeholder:"N" help:"Requests a minute that a service token may send to each instance; more are answered 429 (${env}, default ${default})."`
	TrustedProxy    []string `env:"OWNQL_TRUSTED_PROXIES" placeholder:"CIDR" help:"Networks of the proxies before this server: only from there X-Forwarded-For tells the client's address (${env}, comma-separated, default none)."`
}

// config is what serving needs to know, decided.
type config struct {
	addr          string
	url           string // the public address; empty where none is set
	issuer        string
	origin        string     // of --url, or empty
	keys          *auth.Keys // nil: dev makes its own secret, see devSecret
	dev           bool
	signupClosed  bool
	anonymous     bool
	introspection bool
	corsOrigins   []string
	corsHeaders   []string // beside those of common clients
	maxSession    time.Duration
	rateLimit     bool
	tokenRate     int // requests a minute; 0: any number
	proxies       web.TrustedProxies
	maxRequests   int
	memory        int // bytes that requests may hold; 0: as many as by default
	limits        gql.Limits
	reads         gql.ReadLimits
	trusted       gql.TrustedDocuments
	trustedFile   string // that they were read from
	needVerified  bool
	mail          mailConfig
	tracing       trace.TracerProvider
	loop          devLoop
}

// config checks the flags against each other and decides what they leave open. An
// error names the flag, its value, and what is allowed.
func (c *serveCommand) config(templates fs.FS, getenv func(string) string) (config, error) {
	addr, err := listenAddr(c.Addr, getenv("PORT"))
	if err != nil {
		return config{}, err
	}
	if err := checkDebugAddr(c.DebugAddr); err != nil {
		return config{}, err
	}
	if err := checkURL(c.URL); err != nil {
		return config{}, err
	}
	for _, origin := range c.CORSOrigin {
		if err := checkOrigin(origin); err != nil {
			return config{}, err
		}
	}
	for _, name := range c.CORSHeader {
		if !web.IsHeaderName(name) {
			return config{}, fmt.Errorf("--cors-header %q: want the name of a header, such as X-Tenant, and not *", name)
		}
	}
	maxSession, err := parseLife(c.MaxSession)
	if err != nil {
		return config{}, fmt.Errorf("--max-session %q: want a time from 1m to 3650d, such as 12h or 90d", c.MaxSession)
	}
	if err := c.Limits.Check(); err != nil {
		return config{}, err
	}
	if err := c.ReadLimits.Check(); err != nil {
		return config{}, err
	}
	if c.MaxRequests < 1 {
		return config{}, fmt.Errorf("--max-requests %d: want at least 1", c.MaxRequests)
	}
	if c.TokenRate < 1 {
		return config{}, fmt.Errorf("--token-rate %d: want at least 1", c.TokenRate)
	}
	if isLambda(getenv) {
		if err := c.checkLambda(); err != nil {
			return config{}, err
		}
	}
	keys, err := configuredKeys(getenv)
	if err != nil {
		return config{}, err
	}
	config := config{
		addr:         addr,
		url:          c.URL,
		issuer:       "ownql",
		keys:         keys,
		dev:          web.IsLoopbackHost(addr) && c.isEmbedded() && keys == nil,
		signupClosed: c.Signup == "closed",
		anonymous:    bool(c.Anonymous),
		corsOrigins:  c.CORSOrigin,
		corsHeaders:  c.CORSHeader,
		maxSession:   maxSession,
		rateLimit:    bool(c.RateLimit),
		tokenRate:    c.TokenRate,
		maxRequests:  c.MaxRequests,
		needVerified: bool(c.RequireVerified),
		limits:       c.Limits,
		reads:        c.ReadLimits,
	}
	if config.proxies, err = web.ParseTrustedProxies(c.TrustedProxy); err != nil {
		return config, fmt.Errorf("--trusted-proxy %w", err)
	}
	if c.URL != "" {
		config.issuer, config.origin = c.URL, originOf(c.URL)
	}
	if c.Dev != nil {
		config.dev = bool(*c.Dev)
	}
	config.introspection = config.dev
	if c.Introspection != nil {
		config.introspection = bool(*c.Introspection)
	}
	if c.Trusted != "" {
		config.trustedFile = c.Trusted
		if config.trusted, err = gql.ReadTrustedDocuments(c.Trusted); err != nil {
			return config, fmt.Errorf("--trusted-documents %s: %w", c.Trusted, err)
		}
	}
	if config.mail, err = c.mailConfig(templates, getenv("OWNQL_SMTP_URL"), config.dev); err != nil {
		return config, err
	}
	if keys == nil && (!config.dev || !c.isEmbedded()) {
		return config, errors.New("OWNQL_SECRET is not set: want at least 32 random bytes, as `openssl rand -base64 48` makes them, or OWNQL_JWKS, as `ownql keys` makes it, or OWNQL_SECRET_ARN; only dev, on a loopback --addr and an embedded --store, makes its own")
	}
	return config, nil
}

func listenAddr(addr, port string) (string, error) {
	switch {
	case addr == "" && port != "":
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return "", fmt.Errorf("PORT %q: want a port, 0 to 65535", port)
		}
		return ":" + port, nil
	case addr == "":
		return "127.0.0.1:8080", nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", fmt.Errorf("--addr %q: want HOST:PORT, such as 127.0.0.1:8080 or :8080", addr)
	}
	return addr, nil
}

// parseLife takes how long a session may last: as time.ParseDuration does, or in days.
func parseLife(text string) (life time.Duration, err error) {
	const day = 24 * time.Hour
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, err
		}
		life = time.Duration(n) * day
	} else if life, err = time.ParseDuration(text); err != nil {
		return 0, err
	}
	if life < time.Minute || life > 3650*day {
		return 0, errors.New("out of range")
	}
	return life, nil
}

func checkURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || len(text) > 1000 || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || !isOrigin(originOf(text)) {
		return fmt.Errorf("--url %q: want an address such as https://api.example.com, without the port that browsers leave out", text)
	}
	return nil
}

// originOf returns the origin of a URL that checkURL takes.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

func checkOrigin(origin string) error {
	if !isOrigin(origin) {
		return fmt.Errorf("--cors-origin %q: want an origin as browsers send it, such as https://app.example.com, without a path and without *", origin)
	}
	return nil
}

// isOrigin tells whether browsers send that as the origin of a page (RFC 6454, section 6.2).
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || strings.ContainsAny(u.Host, "*%") {
		return false
	}
	if port := u.Port(); port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		isDefault := u.Scheme == "https" && number == 443 || u.Scheme == "http" && number == 80
		if err != nil || isDefault {
			return false
		}
	}
	return originOf(text) == text
}

// onOff is a flag that is on or off, in the words on, true, yes, 1 and their
// opposites; the bare flag is on.
type onOff bool

// IsBool lets kong take the bare flag.
func (onOff) IsBool() bool { return true }

// Decode is called by kong.
func (v *onOff) Decode(ctx *kong.DecodeContext) error {
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		*v = true
		return nil
	}
	text := fmt.Sprint(ctx.Scan.Pop().Value)
	switch strings.ToLower(text) {
	case "on", "true", "yes", "1":
		*v = true
	case "off", "false", "no", "0":
		*v = false
	default:
		return fmt.Errorf("%q: want on or off", text)
	}
	return nil
}
