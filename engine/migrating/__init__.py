"""Running instances go on by another version of their process, by a plan from node to node.

A plan is tried on each, approved by a second person, carried out as one step an instance. Revisions of the schema are
`engine/migrations`."""
