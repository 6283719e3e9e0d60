BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE answers (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	comment INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	CONSTRAINT pk_answers PRIMARY KEY (forge, repository, number, comment, digest)
);
CREATE TABLE blobs (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	blob VARCHAR NOT NULL, 
	path TEXT NOT NULL, 
	additions INTEGER NOT NULL, 
	CONSTRAINT pk_blobs PRIMARY KEY (forge, repository, number, blob, path)
);
CREATE TABLE changes (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	url TEXT NOT NULL, 
	author INTEGER, 
	author_kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	head VARCHAR NOT NULL, 
	base TEXT NOT NULL, 
	updated_at DATETIME, 
	verdict VARCHAR, 
	ai_class VARCHAR, 
	check_title TEXT NOT NULL, 
	decided_at DATETIME, 
	waiting_since DATETIME, 
	closed_at DATETIME, 
	listed_at DATETIME NOT NULL, 
	decision_digest VARCHAR NOT NULL, 
	published_state VARCHAR, 
	published_digest VARCHAR, 
	published_id INTEGER, 
	published_sha VARCHAR, 
	publish_error TEXT, 
	decision TEXT, 
	CONSTRAINT pk_changes PRIMARY KEY (forge, repository, number)
);
CREATE TABLE deliveries (
	forge VARCHAR NOT NULL, 
	delivery TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (forge, delivery)
);
CREATE TABLE due (
	"key" TEXT NOT NULL, 
	scope VARCHAR NOT NULL, 
	rank INTEGER NOT NULL, 
	next_at DATETIME NOT NULL, 
	wake_at DATETIME, 
	first_marked_at DATETIME, 
	remarked_at DATETIME, 
	attempts INTEGER NOT NULL, 
	owner VARCHAR, 
	token VARCHAR, 
	parked_at DATETIME, 
	error TEXT, 
	CONSTRAINT pk_due PRIMARY KEY ("key")
);
CREATE TABLE evidence (
	id INTEGER NOT NULL, 
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	branch TEXT NOT NULL, 
	author INTEGER, 
	sha VARCHAR, 
	body TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_evidence PRIMARY KEY (id), 
	CONSTRAINT uq_evidence UNIQUE (forge, repository, number, fingerprint)
);
CREATE TABLE heads (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	sha VARCHAR NOT NULL, 
	base TEXT, 
	merge_base VARCHAR, 
	paths TEXT NOT NULL, 
	since DATETIME, 
	patch VARCHAR, 
	CONSTRAINT pk_heads PRIMARY KEY (forge, repository, number, sha)
);
CREATE TABLE heads_read (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	sha VARCHAR NOT NULL, 
	CONSTRAINT pk_heads_read PRIMARY KEY (forge, repository, number, sha)
);
CREATE TABLE heads_seen (
	id INTEGER NOT NULL, 
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	sha VARCHAR NOT NULL, 
	CONSTRAINT pk_heads_seen PRIMARY KEY (id)
);
CREATE TABLE landed (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	sha VARCHAR NOT NULL, 
	tip VARCHAR NOT NULL, 
	CONSTRAINT pk_landed PRIMARY KEY (forge, repository, sha, tip)
);
CREATE TABLE leases (
	name VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (name)
);
CREATE TABLE ledger (
	seq INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	subject TEXT, 
	body TEXT NOT NULL, 
	hash VARCHAR NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (seq)
);
INSERT INTO "ledger" VALUES(1,'2026-11-20 10:00:00.000000','decision','github/1/change/7','{"number":0}','cb728293903c83e9956cef7933fe89e827ebbb2157309d83413ddd0419ff7b86');
INSERT INTO "ledger" VALUES(2,'2026-11-20 10:00:00.000000','decision','github/1/change/7','{"number":1}','8825bc5f3a06cf562467ff55b6bb8ede5b5c96310c5bd7649bb184681c905a34');
INSERT INTO "ledger" VALUES(3,'2026-11-20 10:00:00.000000','decision','github/1/change/7','{"number":2}','5cb4047a77d8abb4e38a8d3d8718219b1df829a25b20ef4d32190ee9c17cafc5');
CREATE TABLE ledger_head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	CONSTRAINT pk_ledger_head PRIMARY KEY (id)
);
INSERT INTO "ledger_head" VALUES(1,3,'5cb4047a77d8abb4e38a8d3d8718219b1df829a25b20ef4d32190ee9c17cafc5');
CREATE TABLE moves_seen (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	"before" VARCHAR NOT NULL, 
	"after" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	pusher INTEGER, 
	pusher_kind VARCHAR, 
	CONSTRAINT pk_moves_seen PRIMARY KEY (forge, repository, number, "before", "after", at)
);
CREATE TABLE pauses (
	scope VARCHAR NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_pauses PRIMARY KEY (scope)
);
CREATE TABLE people (
	forge VARCHAR NOT NULL, 
	account INTEGER NOT NULL, 
	login TEXT NOT NULL, 
	seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (forge, account)
);
CREATE TABLE pushes_seen (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	branch TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	"before" VARCHAR NOT NULL, 
	"after" VARCHAR NOT NULL, 
	forced BOOLEAN NOT NULL, 
	pusher INTEGER, 
	pusher_kind VARCHAR NOT NULL, 
	CONSTRAINT pk_pushes_seen PRIMARY KEY (forge, repository, branch, at, "before", "after")
);
CREATE TABLE records (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_records PRIMARY KEY (name)
);
INSERT INTO "records" VALUES('kept','{"for":"ever"}');
CREATE TABLE repositories (
	forge VARCHAR NOT NULL, 
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	default_branch TEXT NOT NULL, 
	installation INTEGER NOT NULL, 
	active BOOLEAN NOT NULL, 
	CONSTRAINT pk_repositories PRIMARY KEY (forge, id)
);
CREATE TABLE reviews_seen (
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	review INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	reviewer INTEGER NOT NULL, 
	sha VARCHAR NOT NULL, 
	patch VARCHAR, 
	CONSTRAINT pk_reviews_seen PRIMARY KEY (forge, repository, number, review, state, at)
);
CREATE TABLE said (
	id INTEGER NOT NULL, 
	forge VARCHAR NOT NULL, 
	repository INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_said PRIMARY KEY (id), 
	CONSTRAINT uq_said UNIQUE (forge, repository, number, kind, fingerprint)
);
CREATE TABLE teams (
	forge VARCHAR NOT NULL, 
	team TEXT NOT NULL, 
	members TEXT NOT NULL, 
	read_at DATETIME NOT NULL, 
	CONSTRAINT pk_teams PRIMARY KEY (forge, team)
);
CREATE INDEX ix_deliveries_at ON deliveries (at);
CREATE INDEX ix_due_claimable ON due (rank, next_at) WHERE parked_at IS NULL;
CREATE INDEX ix_due_owner ON due (owner);
CREATE INDEX ix_due_scope ON due (scope, next_at);
CREATE INDEX ix_leases_until ON leases (until);
CREATE INDEX ix_pushes_seen_forge_repository_after ON pushes_seen (forge, repository, "after");
CREATE INDEX ix_heads_seen_forge_repository_number_at ON heads_seen (forge, repository, number, at);
CREATE INDEX ix_evidence_forge_repository_branch_author ON evidence (forge, repository, branch, author);
CREATE INDEX ix_evidence_forge_repository_sha ON evidence (forge, repository, sha);
CREATE INDEX ix_blobs_forge_repository_additions ON blobs (forge, repository, additions);
CREATE INDEX ix_blobs_forge_repository_blob ON blobs (forge, repository, blob);
CREATE INDEX ix_blobs_forge_repository_path ON blobs (forge, repository, path);
CREATE INDEX ix_changes_forge_repository_head ON changes (forge, repository, head);
CREATE INDEX ix_changes_state_listed_at_forge_repository_number ON changes (state, listed_at, forge, repository, number);
CREATE INDEX ix_ledger_at ON ledger (at);
CREATE INDEX ix_ledger_kind_seq ON ledger (kind, seq);
CREATE INDEX ix_ledger_subject_seq ON ledger (subject, seq);
CREATE INDEX ix_people_seen_at ON people (seen_at);
COMMIT;
