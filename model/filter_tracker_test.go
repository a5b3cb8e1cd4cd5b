package model

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/ownql/ownql/internal/testclient"
)

// issue has a field of every type, and indexes by time, by number and by text.
type issue struct {
	Object
	Title     string    `dynamo:"title"`
	Body      *string   `dynamo:"body,allowempty"`
	Note      string    `dynamo:"note,allowempty"` // newer than some items
	Status    status    `dynamo:"status"`
	Severity  *severity `dynamo:"severity"`
	Board     string    `dynamo:"board"`
	Rank      float64   `dynamo:"rank"`
	Estimate  *int      `dynamo:"estimate"`
	Points    int       `dynamo:"points"`
	IsOpen    bool      `dynamo:"isOpen"`
	IsBlocked *bool     `dynamo:"isBlocked"`
	DueDate   *DateTime `dynamo:"dueDate"`
	Labels    []string  `dynamo:"labels"`
	Sizes     *[]int    `dynamo:"sizes"`
	At        spot      `dynamo:"at"`
	From      *spot     `dynamo:"from"`
	Spots     *[]spot   `dynamo:"spots"`
	ProjectID string    `dynamo:"projectId"`
	EpicID    string    `dynamo:"epicId"`
	Day       Date      `dynamo:"day"`
	Until     *Date     `dynamo:"until"`
	Price     Decimal   `dynamo:"price"`
	Fee       *Decimal  `dynamo:"fee"`
}

type severity string

// spot is a plain object, which may be in another.
type spot struct {
	City  string  `dynamo:"city,allowempty"`
	Floor *int    `dynamo:"floor"`
	In    *spot   `dynamo:"in"`
	Since *string `dynamo:"type,allowempty"`
	Day   Date    `dynamo:"day"` // newer than some items
	Rent  Decimal `dynamo:"rent"`
}

// project is its owner's alone, and so are the issues of it.
type project struct {
	Object
	Name string `dynamo:"name,allowempty"`
}

// theme is what issues are about, by aboutTheme; it is its owner's alone.
type theme struct {
	Object
	Name string `dynamo:"name,allowempty"`
}

type aboutTheme struct {
	Object
	IssueID string `dynamo:"issueId"`
	ThemeID string `dynamo:"themeId"`
}

func (*issue) IsNode()      {}
func (*project) IsNode()    {}
func (*theme) IsNode()      {}
func (*aboutTheme) IsNode() {}

func (i *issue) GlobalID() string      { return GlobalID("Issue", i.ID) }
func (p *project) GlobalID() string    { return GlobalID("Project", p.ID) }
func (x *theme) GlobalID() string      { return GlobalID("Theme", x.ID) }
func (x *aboutTheme) GlobalID() string { return GlobalID("AboutTheme", x.ID) }

var (
	issuesByStatus = Index{"status", "createdAt"}
	issuesByBoard  = Index{"board", "rank"}
	issuesByTitle  = Index{"board", "title"}
	issuesOf       = Index{"projectId", "id"}
	issuesByDay    = Index{"day", "price"}
	issuesByPrice  = Index{"price", "day"}

	bySeverity = []SortPart{{Attribute: "severity", Enum: []string{"LOW", "HIGH"}, Descending: true}, {Attribute: "dueDate"}}
	byEstimate = []SortPart{{Attribute: "estimate"}, {Attribute: "title", Descending: true}}

	joinedIssues = []Joined{
		{Name: "SEVERITY", Hash: []string{"projectId"}, Sort: bySeverity},
		{Hash: []string{"projectId", "status"}, Sort: bySeverity},
		{Hash: []string{"status", "isOpen", "projectId"}, Sort: bySeverity},
		{Hash: []string{"projectId", "severity"}},
		{Hash: []string{"ownerId", "isBlocked", "points"}},
		{Name: "TITLE", Hash: []string{"ownerId"}, Sort: []SortPart{{Attribute: "title", Descending: true}}},
		{Name: "ESTIMATE", Hash: []string{"ownerId"}, Sort: byEstimate},
		{Hash: []string{"ownerId", "epicId"}, Sort: byEstimate},
		OfAll,
		{Name: "SEVERITY", Sort: bySeverity},
		{Name: "DUE", Hash: []string{"status"}, Sort: []SortPart{{Attribute: "dueDate", Descending: true}, {Attribute: "rank"}, {Attribute: "isOpen"}}},
	}

	byUntil       = []SortPart{{Attribute: "until", Descending: true}, {Attribute: "price", Decimal: true}}
	byFeeAndUntil = []SortPart{{Attribute: "fee", Decimal: true, Descending: true}, {Attribute: "until"}}

	joinedByScalars = []Joined{
		{Name: "FEE", Hash: []string{"projectId"}, Sort: byFeeAndUntil},
		{Hash: []string{"projectId", "day"}, Sort: byFeeAndUntil},
		{Name: "UNTIL", Hash: []string{"projectId"}, Sort: byUntil},
		{Hash: []string{"projectId", "fee"}, Sort: byUntil},
		{Hash: []string{"projectId", "until", "price"}},
		{Name: "PRICE", Hash: []string{"ownerId"}, Sort: []SortPart{{Attribute: "price", Decimal: true}, {Attribute: "day", Descending: true}}},
		{Hash: []string{"ownerId", "until"}},
		{Name: "FEE", Hash: []string{"day"}, Sort: byFeeAndUntil},
		{Name: "UNTIL", Hash: []string{"price"}, Sort: []SortPart{{Attribute: "until"}, {Attribute: "day"}}},
		{Hash: []string{"price", "day"}},
		OfAll,
		{Name: "FEE", Sort: byFeeAndUntil},
		{Hash: []string{"fee", "until"}},
	}
)

// tracker is a store of issues.
type tracker struct {
	*DB
	issues   *Model[issue]
	projects *Model[project]
	themes   *Model[theme]
	about    *Model[aboutTheme]
	client   *testclient.Client
}

// newTracker returns a tracker whose issues are found and ordered by what most fields are.
func newTracker(t testing.TB) *tracker {
	t.Helper()
	return newTrackerBy(t, []Index{issuesByStatus, issuesByBoard, issuesByTitle}, joinedIssues)
}

func newTrackerBy(t testing.TB, indexes []Index, joined []Joined) *tracker {
	t.Helper()
	client := &testclient.Client{DynamoDBAPI: testclient.Open(t, NewDynamoDB)}
	db := Open(client, "test-"+uuid.NewString()+"-")
	tr := &tracker{
		DB: db, client: client,
		issues: New[issue](db, "Issue", "issues"), projects: New[project](db, "Project", "projects"),
		themes: New[theme](db, "Theme", "themes"), about: New[aboutTheme](db, "AboutTheme", "aboutThemes"),
	}
	db.DefineObjects(map[string][]Field{"Spot": {
		{Name: "city"},
		{Name: "floor", Type: NumberField, Nullable: true},
		{Name: "in", Type: ObjectField, Nullable: true, Object: "Spot"},
		{Name: "since", Attribute: "type", Nullable: true},
		{Name: "day", Type: DateField},
		{Name: "rent", Type: DecimalField},
	}})
	Define(tr.projects, Definition[project]{
		Required: []string{"name"},
		Rules:    []Rule{Allow(OnCreate|OnRead, Owner)},
	})
	Define(tr.themes, Definition[theme]{
		Fields: []Field{{Name: "name"}},
		Rules:  []Rule{Allow(OnCreate|OnRead, Owner)},
	})
	Define(tr.about, Definition[aboutTheme]{
		Parents: []Parent[aboutTheme]{
			{tr.issues, "issueId", func(x *aboutTheme) string { return x.IssueID }, Cascade, false},
			{tr.themes, "themeId", func(x *aboutTheme) string { return x.ThemeID }, Cascade, false},
		},
		Uniques: []Unique[aboutTheme]{{
			Field: "issue+theme", Together: []string{"issueId", "themeId"},
			Value: func(x *aboutTheme) string { return UniqueKey(x.IssueID, x.ThemeID) },
		}},
		Rules: []Rule{
			Allow(OnCreate|OnRead, Owner),
			Allow(OnRead, Groups("editor"), Via("themeId", OnRead)),
		},
	})
	Define(tr.issues, Definition[issue]{
		Required: []string{"title", "board", "rank", "at"},
		Defaults: func(i *issue) { i.Note, i.Status, i.Points, i.IsOpen = "none", draft, 3, true },
		Fields: []Field{
			{Name: "title"}, {Name: "body", Nullable: true}, {Name: "note"},
			{Name: "status", Type: EnumField}, {Name: "severity", Type: EnumField, Nullable: true},
			{Name: "board"}, {Name: "rank", Type: NumberField},
			{Name: "estimate", Type: NumberField, Nullable: true}, {Name: "points", Type: NumberField},
			{Name: "isOpen", Type: BooleanField}, {Name: "isBlocked", Type: BooleanField, Nullable: true},
			{Name: "dueDate", Type: TimeField, Nullable: true},
			{Name: "labels", List: true}, {Name: "sizes", Type: NumberField, List: true, Nullable: true},
			{Name: "at", Type: ObjectField, Object: "Spot"}, {Name: "from", Type: ObjectField, Nullable: true, Object: "Spot"},
			{Name: "spots", Type: ObjectField, List: true, Nullable: true, Object: "Spot"},
			{Name: "project", Attribute: "projectId", Type: ParentField}, {Name: "epic", Attribute: "epicId", Type: ParentField, Nullable: true},
			{Name: "day", Type: DateField}, {Name: "until", Type: DateField, Nullable: true},
			{Name: "price", Type: DecimalField}, {Name: "fee", Type: DecimalField, Nullable: true},
			{Name: "themes", Type: LinkField},
		},
		Links:   []Link{{Field: "themes", By: tr.about, From: "issueId", To: "themeId", Unique: "issue+theme", Key: func(from, to string) string { return UniqueKey(from, to) }}},
		Renames: []Rename{{From: "gravity", To: "severity"}},
		Indexes: indexes,
		Joined:  joined,
		Parents: []Parent[issue]{
			{tr.projects, "projectId", func(i *issue) string { return i.ProjectID }, Cascade, false},
			{tr.projects, "epicId", func(i *issue) string { return i.EpicID }, Cascade, false},
		},
		Rules: []Rule{
			Allow(OnCreate|OnRead, Owner),
			Allow(OnRead, Via("projectId", OnRead)),
			Allow(OnRead, Groups("editor")),
		},
	})
	if _, err := tr.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, layout := range tr.layouts() {
			if err := layout.DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return tr
}
