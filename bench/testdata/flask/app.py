"""Flask with graphene and PyJWT, as Debian has them: gunicorn serves `app`. What there is was written by bench, into the file DATA."""

import json
import os

import graphene
import jwt
from flask import Flask, g, jsonify, request

SECRET = os.environ["SECRET"]
with open(os.environ["DATA"], encoding="utf-8") as file:
    data = json.load(file)
by_id = {todo["id"]: (owner, todo) for owner, todos in data["todos"].items() for todo in todos}


class Node(graphene.Interface):
    id = graphene.ID(required=True)

    @classmethod
    def resolve_type(cls, instance, info):
        return Todo if "title" in instance else User


class Todo(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    title = graphene.String(required=True)
    done = graphene.Boolean(required=True)
    version = graphene.Int(required=True)
    createdAt = graphene.String(required=True)


class TodoEdge(graphene.ObjectType):
    cursor = graphene.String(required=True)
    node = graphene.Field(Todo, required=True)


class PageInfo(graphene.ObjectType):
    hasNextPage = graphene.Boolean(required=True)
    endCursor = graphene.String()


class TodoConnection(graphene.ObjectType):
    edges = graphene.List(graphene.NonNull(TodoEdge), required=True)
    pageInfo = graphene.Field(PageInfo, required=True)


class User(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    email = graphene.String(required=True)
    firstName = graphene.String(required=True)
    lastName = graphene.String(required=True)
    todos = graphene.Field(TodoConnection, required=True, first=graphene.Int(default_value=20), after=graphene.String())

    def resolve_todos(self, info, first, after=None):
        todos = data["todos"][g.caller]
        begin = 0
        if after is not None:
            begin = next(i for i, todo in enumerate(todos) if todo["id"] == after) + 1
        page = todos[begin:begin + first]
        return {
            "edges": [{"cursor": todo["id"], "node": todo} for todo in page],
            "pageInfo": {"hasNextPage": len(todos) > begin + first, "endCursor": page[-1]["id"] if page else None},
        }


def read(id):
    owner, todo = by_id.get(id, (None, None))
    return todo if owner == g.caller else None


class Query(graphene.ObjectType):
    viewer = graphene.Field(User)
    node = graphene.Field(Node, id=graphene.ID(required=True))
    nodes = graphene.List(Node, ids=graphene.List(graphene.NonNull(graphene.ID), required=True), required=True)

    def resolve_viewer(self, info):
        return data["users"].get(g.caller)

    def resolve_node(self, info, id):
        return read(id)

    def resolve_nodes(self, info, ids):
        return [read(id) for id in ids]


schema = graphene.Schema(query=Query, types=[Todo, User], auto_camelcase=False)
app = Flask(__name__)


@app.before_request
def verify():
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        g.caller = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_aud": False})["sub"]
    except jwt.InvalidTokenError:
        return jsonify(errors=[{"message": "unauthorized"}]), 401


@app.post("/graphql")
def graphql():
    asked = request.get_json()
    result = schema.execute(asked["query"], variables=asked.get("variables"), operation_name=asked.get("operationName"))
    return jsonify(result.to_dict())
