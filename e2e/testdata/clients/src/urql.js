// Pages through the lists with urql.
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { createElement, useEffect, useState } from "react";
import { Client, fetchExchange, gql, Provider, useQuery } from "urql";
import { countedFetch, headers, lists, project, read, show, url } from "./screen.js";

const query = gql`
  query Issues(
    $project: ID!
    $filter: IssueFilter
    $orderBy: ProjectIssuesOrder
    $sortDirection: SortDirection
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    node(id: $project) {
      id
      ... on Project {
        issues(
          filter: $filter
          orderBy: $orderBy
          sortDirection: $sortDirection
          first: $first
          after: $after
          last: $last
          before: $before
        ) {
          totalCount
          edges {
            node {
              id
              title
            }
          }
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
        }
      }
    }
  }
`;

const cache = cacheExchange({
  resolvers: {
    Project: {
      issues: relayPagination(),
    },
  },
});

function Issues() {
  const [list, setList] = useState(lists[0]);
  const [cursor, setCursor] = useState({});
  const [{ data, fetching, error }] = useQuery({ query, variables: { project, ...list.variables, ...cursor } });
  if (error) {
    throw error;
  }
  const issues = data?.node.issues;
  useEffect(() =>
    show({
      issues: issues?.edges.map((edge) => edge.node),
      totalCount: issues?.totalCount,
      hasMore: list.isBackwards ? issues?.pageInfo.hasPreviousPage : issues?.pageInfo.hasNextPage,
      isLoading: fetching,
      loadMore() {
        if (list.isBackwards) {
          setCursor({ before: issues.pageInfo.startCursor });
        } else {
          setCursor({ after: issues.pageInfo.endCursor });
        }
      },
      change(list) {
        setList(list);
        setCursor({});
      },
    }),
  );
  return null;
}

const client = new Client({ url, exchanges: [cache, fetchExchange], fetch: countedFetch, fetchOptions: { headers } });

await read(() => createElement(Provider, { value: client }, createElement(Issues)));
