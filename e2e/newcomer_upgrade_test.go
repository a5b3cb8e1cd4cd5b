//go:build newcomer

package e2e

import (
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

const (
	olderTypes = `
enum Mood {
  GOOD
  BAD
}

type Place {
  name: String!
}

type Note implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  title: String!
  mood: Mood! @default(value: "GOOD")
  place: Place
}
`
	newerTypes = `
enum Mood {
  GOOD
  BAD
  UNSURE
}

type Place {
  name: String!
  country: String
}

type Note implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  title: String!
  mood: Mood! @default(value: "GOOD")
  place: Place
  stars: Int! @default(value: "3")
  tags: [String!]
}
`
)

// TestNewcomerUpgrade has two versions of a project serve one store, as they do while the
// newer takes the older's place: what only the newer knows outlives what the older does.
func TestNewcomerUpgrade(t *testing.T) {
	t.Parallel()
	variables := sharedStore(t)
	older := newVersion(t, variables, olderTypes)
	newer := newVersion(t, variables, newerTypes)
	names := map[string]string{}
	before := &visitor{name: "ada", addr: older.addr, names: names}
	before.signUp(t)
	after := &visitor{name: "ada", addr: newer.addr, names: names, token: before.token}

	const all = `{ n: node(id: "$note") { ... on Note { title mood place { name country } stars tags version } } }`
	t.Run("the older reads and changes what the newer made", func(t *testing.T) {
		after.makes(t, "$note", "createNote", `title: "Newer", mood: BAD, place: {name: "London", country: "England"}, stars: 5, tags: ["a", "b"]`)
		before.wants(t, `{ n: node(id: "$note") { ... on Note { title mood place { name } } } }`,
			`{"n":{"title":"Newer","mood":"BAD","place":{"name":"London"}}}`)
		before.wants(t, `mutation { updateNote(input: {id: "$note", title: "Changed"}) { note { title version } } }`,
			`{"updateNote":{"note":{"title":"Changed","version":2}}}`)
		after.wants(t, all, `{"n":{"title":"Changed","mood":"BAD","place":{"name":"London","country":"England"},"stars":5,"tags":["a","b"],"version":2}}`)
	})
	t.Run("a value of an enum that the older does not know", func(t *testing.T) {
		after.wants(t, `mutation { updateNote(input: {id: "$note", mood: UNSURE}) { note { mood } } }`, `{"updateNote":{"note":{"mood":"UNSURE"}}}`)
		before.wants(t, `mutation { updateNote(input: {id: "$note", title: "Again"}) { note { title } } }`, `{"updateNote":{"note":{"title":"Again"}}}`)
		before.wants(t, `{ n: node(id: "$note") { ... on Note { mood } } }`, `{"n":{"mood":"UNSURE"}}`)
		after.wants(t, all, `{"n":{"title":"Again","mood":"UNSURE","place":{"name":"London","country":"England"},"stars":5,"tags":["a","b"],"version":4}}`)
	})
	t.Run("an object inside is one value", func(t *testing.T) {
		before.wants(t, `mutation { updateNote(input: {id: "$note", place: {name: "Paris"}}) { note { place { name } } } }`, `{"updateNote":{"note":{"place":{"name":"Paris"}}}}`)
		after.wants(t, all, `{"n":{"title":"Again","mood":"UNSURE","place":{"name":"Paris","country":null},"stars":5,"tags":["a","b"],"version":5}}`)
	})
	t.Run("the older deletes what the newer made", func(t *testing.T) {
		before.wants(t, `mutation { deleteNote(input: {id: "$note"}) { note { title } } }`, `{"deleteNote":{"note":{"title":"Again"}}}`)
		after.wants(t, all, `{"n":null}`)
	})
	t.Run("the newer reads and changes what the older made", func(t *testing.T) {
		before.makes(t, "$note", "createNote", `title: "Older", place: {name: "London"}`)
		after.wants(t, all, `{"n":{"title":"Older","mood":"GOOD","place":{"name":"London","country":null},"stars":3,"tags":null,"version":1}}`)
		after.wants(t, `mutation { updateNote(input: {id: "$note", tags: []}) { note { tags stars } } }`, `{"updateNote":{"note":{"tags":[],"stars":3}}}`)
		before.wants(t, `mutation { updateNote(input: {id: "$note", mood: BAD}) { note { mood } } }`, `{"updateNote":{"note":{"mood":"BAD"}}}`)
		after.wants(t, all, `{"n":{"title":"Older","mood":"BAD","place":{"name":"London","country":null},"stars":3,"tags":[],"version":3}}`)
	})
	t.Run("an attribute of a user", func(t *testing.T) {
		client := dynamodb.New(dynamodb.Options{
			Region:       variables["AWS_REGION"],
			Credentials:  awscredentials.NewStaticCredentialsProvider(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], ""),
			BaseEndpoint: aws.String(variables["AWS_ENDPOINT_URL_DYNAMODB"]),
		})
		id := model.LocalID("User", before.id(t))
		users := dynamo.NewFromIface(client).Table(variables["OWNQL_TABLE_PREFIX"] + "users")
		if err := users.Update("id", id).Set("nickname", "Countess").If("attribute_exists(id)").Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		before.wants(t, `mutation { updateViewer(input: {lastName: "Lovelace"}) { user { lastName version } } }`, `{"updateViewer":{"user":{"lastName":"Lovelace","version":2}}}`)
		var item map[string]any
		if err := users.Get("id", id).Consistent(true).One(t.Context(), &item); err != nil || item["nickname"] != "Countess" {
			t.Errorf("%v, %v: the nickname is gone", item, err)
		}
	})
}

const (
	beforeRenaming = `
enum Stage {
  DRAFT
  DONE
}

type Story implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  slug: String! @unique
  title: String!
  stage: Stage! @default(value: "DRAFT") @index(sortKeyFields: ["createdAt"], queryField: "storiesByStage")
  remarks: [Remark!]! @hasMany
}

type Remark implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  body: String!
  story: Story! @belongsTo(onDelete: CASCADE)
}
`
	whileRenaming = `
enum Phase {
  DRAFT
  DONE
}

type Tale implements Node @model(formerly: "Story") @auth(rules: [{ allow: owner }]) {
  id: ID!
  handle: String! @unique @renamed(from: "slug")
  headline: String! @renamed(from: "title")
  phase: Phase! @default(value: "DRAFT") @renamed(from: "stage") @index(sortKeyFields: ["createdAt"], queryField: "talesByPhase")
  remarks: [Remark!]! @hasMany
}

type Remark implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  body: String!
  story: Tale! @belongsTo(onDelete: CASCADE)
}
`
)

// TestNewcomerRenames gives a type and its fields other names beside a server that knows the old
// ones alone, and then takes the directives out.
func TestNewcomerRenames(t *testing.T) {
	t.Parallel()
	variables := sharedStore(t)
	older := newVersion(t, variables, beforeRenaming)
	names := map[string]string{}
	before := &visitor{name: "ada", addr: older.addr, names: names}
	before.signUp(t)
	before.makes(t, "$first", "createStory", `slug: "first", title: "First", stage: DONE`)
	before.makes(t, "$second", "createStory", `slug: "second", title: "Second"`)
	before.makes(t, "$remark", "createRemark", `storyId: "$first", body: "Well"`)

	newer := newProject(t)
	for name, value := range variables {
		newer.env = append(newer.env, name+"="+value)
	}
	sdl := newer.read(t, "schema.graphqls")
	newer.write(t, "schema.graphqls", sdl+whileRenaming)
	newer.shell(t, "go generate ./... && go build")
	if said := newer.fails(t, "./shop tables"); !regexp.MustCompile(`fill by-ownerId-phase of table \S*stories: 2 items have not the keys `).MatchString(said) {
		t.Errorf("ownql tables says %q, want how to fill the index", said)
	}
	newer.shell(t, "./shop tables --fill")
	newer.serve(t, "")
	after := &visitor{name: "ada", addr: newer.addr, names: names, token: before.token}

	const old = `{ n: node(id: "$first") { id ... on Story { slug title stage version remarks { edges { node { body } } } } } }`
	const renamed = `{ n: node(id: "$first") { id ... on Tale { handle headline phase version remarks { edges { node { body } } } } } }`
	t.Run("the newer reads what the older made", func(t *testing.T) {
		after.wants(t, renamed, `{"n":{"id":$first,"handle":"first","headline":"First","phase":"DONE","version":1,"remarks":{"edges":[{"node":{"body":"Well"}}]}}}`)
		after.wants(t, `{ taleByHandle(handle: "second") { headline } talesByPhase(phase: DONE) { edges { node { handle } } } viewer { tales { edges { node { handle } } } } }`,
			`{"taleByHandle":{"headline":"Second"},"talesByPhase":{"edges":[{"node":{"handle":"first"}}]},"viewer":{"tales":{"edges":[{"node":{"handle":"first"}},{"node":{"handle":"second"}}]}}}`)
	})
	t.Run("each reads what the other changes", func(t *testing.T) {
		after.wants(t, `mutation { updateTale(input: {id: "$first", headline: "Newer", phase: DRAFT}) { tale { version } } }`, `{"updateTale":{"tale":{"version":2}}}`)
		before.wants(t, old, `{"n":{"id":$first,"slug":"first","title":"Newer","stage":"DRAFT","version":2,"remarks":{"edges":[{"node":{"body":"Well"}}]}}}`)
		before.wants(t, `mutation { updateStory(input: {id: "$first", title: "Older", slug: "1st"}) { story { version } } }`, `{"updateStory":{"story":{"version":3}}}`)
		after.wants(t, renamed, `{"n":{"id":$first,"handle":"1st","headline":"Older","phase":"DRAFT","version":3,"remarks":{"edges":[{"node":{"body":"Well"}}]}}}`)
		after.makes(t, "$third", "createTale", `handle: "third", headline: "Third"`)
		before.wants(t, `{ storyBySlug(slug: "third") { id title } }`, `{"storyBySlug":{"id":$third,"title":"Third"}}`)
		before.wants(t, `mutation { createStory(input: {slug: "third", title: "Again"}) { story { id } } }`, "CONFLICT slug")
		after.wants(t, `mutation { createTale(input: {handle: "1st", headline: "Again"}) { tale { id } } }`, "CONFLICT handle")
		before.wants(t, `mutation { createRemark(input: {storyId: "$third", body: "So"}) { remark { story { title } } } }`, `{"createRemark":{"remark":{"story":{"title":"Third"}}}}`)
		after.wants(t, `mutation { createRemark(input: {storyId: "$second", body: "So"}) { remark { story { headline } } } }`, `{"createRemark":{"remark":{"story":{"headline":"Second"}}}}`)
	})
	older.stop()
	t.Run("it is finished beside the newer", func(t *testing.T) {
		if plan := newer.shell(t, "./shop tables --plan"); !regexp.MustCompile(`(?m)^finish headline of table \S*stories: \d items have it as title, `).MatchString(plan) {
			t.Errorf("ownql tables --plan says %q, want what is left to do", plan)
		}
		newer.shell(t, "./shop tables --fill --finish")
		after.wants(t, `mutation { updateTale(input: {id: "$second", headline: "Later"}) { tale { handle } } }`, `{"updateTale":{"tale":{"handle":"second"}}}`)
		if plan := newer.shell(t, "./shop tables --plan"); !regexp.MustCompile(`(?m)^leave headline of table \S*stories: .* take @renamed from the field$`).MatchString(plan) || regexp.MustCompile(`(?m)^(finish|fill|stray) `).MatchString(plan) {
			t.Errorf("ownql tables --plan says %q, want that the directives are to go", plan)
		}
	})
	t.Run("the directives go", func(t *testing.T) {
		newer.stop()
		newer.write(t, "schema.graphqls", sdl+regexp.MustCompile(` @renamed\(.*?\)`).ReplaceAllString(whileRenaming, ""))
		newer.shell(t, "go generate ./... && go build && ./shop tables")
		newer.serve(t, "")
		after.addr = newer.addr
		after.wants(t, renamed, `{"n":{"id":$first,"handle":"1st","headline":"Older","phase":"DRAFT","version":3,"remarks":{"edges":[{"node":{"body":"Well"}}]}}}`)
		after.wants(t, `{ taleByHandle(handle: "third") { headline } talesByPhase(phase: DRAFT) { edges { node { headline } } } }`,
			`{"taleByHandle":{"headline":"Third"},"talesByPhase":{"edges":[{"node":{"headline":"Older"}},{"node":{"headline":"Later"}},{"node":{"headline":"Third"}}]}}`)
		after.wants(t, `mutation { deleteTale(input: {id: "$first"}) { deletedTaleId } }`, `{"deleteTale":{"deletedTaleId":$first}}`)
		after.wants(t, `{ node(id: "$remark") { id } }`, `{"node":null}`)
	})
}

// newVersion builds a project with these types beside the starter's, and serves a store with it.
func newVersion(t *testing.T, variables map[string]string, types string) *project {
	t.Helper()
	p := newProject(t)
	for name, value := range variables {
		p.env = append(p.env, name+"="+value)
	}
	p.write(t, "schema.graphqls", p.read(t, "schema.graphqls")+types)
	p.shell(t, "go generate ./... && go build && ./shop tables")
	p.serve(t, "")
	return p
}
