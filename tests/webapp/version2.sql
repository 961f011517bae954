CREATE TABLE "database" (
	version INTEGER NOT NULL, 
	next_page INTEGER NOT NULL
);
CREATE TABLE collections (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	name_key TEXT, 
	UNIQUE (name_key)
);
CREATE TABLE jobs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	collection INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	spool TEXT NOT NULL, 
	file INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	pages_done INTEGER NOT NULL, 
	pages_total INTEGER NOT NULL, 
	bytes_done BIGINT NOT NULL, 
	bytes_total BIGINT NOT NULL, 
	seconds_left FLOAT, 
	error TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	lease_until FLOAT NOT NULL, 
	attempts INTEGER NOT NULL, 
	swept BOOLEAN NOT NULL, 
	FOREIGN KEY(collection) REFERENCES collections (id) ON DELETE CASCADE
);
CREATE INDEX ix_jobs_collection ON jobs (collection);
CREATE INDEX ix_jobs_state ON jobs (state);
CREATE TABLE pages (
	id INTEGER NOT NULL, 
	collection INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	asked BLOB NOT NULL, 
	digest BLOB NOT NULL, 
	site TEXT NOT NULL, 
	url TEXT NOT NULL, 
	source TEXT NOT NULL, 
	replaced INTEGER NOT NULL, 
	size INTEGER NOT NULL, 
	bytes INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	generation INTEGER, 
	boilerplate FLOAT, 
	date TEXT DEFAULT '' NOT NULL, 
	sample_key BLOB, 
	PRIMARY KEY (id), 
	UNIQUE (collection, name), 
	UNIQUE (collection, digest), 
	FOREIGN KEY(collection) REFERENCES collections (id) ON DELETE CASCADE
);
CREATE INDEX pages_in_order ON pages (collection, id);
CREATE INDEX pages_of_site ON pages (collection, site, id);
CREATE INDEX pages_sampled ON pages (collection, site, sample_key);
CREATE INDEX pages_unlabelled ON pages (collection, site, sample_key, generation) WHERE generation IS NULL;
CREATE INDEX pages_asked ON pages (collection, asked);
CREATE INDEX pages_unlearned ON pages (collection, id) WHERE sample_key IS NULL;
CREATE TABLE sites (
	collection INTEGER NOT NULL, 
	site TEXT NOT NULL, 
	generation INTEGER NOT NULL, 
	block_count INTEGER NOT NULL, 
	blocks BLOB NOT NULL, 
	sample BLOB, 
	PRIMARY KEY (collection, site), 
	FOREIGN KEY(collection) REFERENCES collections (id) ON DELETE CASCADE
);
CREATE TABLE clusters (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	collection INTEGER NOT NULL, 
	pages INTEGER NOT NULL, 
	sites INTEGER NOT NULL, 
	words INTEGER NOT NULL, 
	similarity FLOAT NOT NULL, 
	kind TEXT NOT NULL, 
	first_date TEXT NOT NULL, 
	last_date TEXT NOT NULL, 
	first_site TEXT NOT NULL, 
	excerpt TEXT NOT NULL, 
	FOREIGN KEY(collection) REFERENCES collections (id) ON DELETE CASCADE
);
CREATE INDEX ix_clusters_collection ON clusters (collection);
CREATE TABLE comparisons (
	collection INTEGER NOT NULL, 
	generation INTEGER NOT NULL, 
	PRIMARY KEY (collection), 
	FOREIGN KEY(collection) REFERENCES collections (id) ON DELETE CASCADE
);
CREATE TABLE problems (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	collection INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	UNIQUE (collection, digest), 
	FOREIGN KEY(collection) REFERENCES collections (id) ON DELETE CASCADE
);
CREATE TABLE uploads (
	job INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	path TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	PRIMARY KEY (job, number), 
	FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE TABLE page_texts (
	page INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (page), 
	FOREIGN KEY(page) REFERENCES pages (id) ON DELETE CASCADE
);
CREATE TABLE page_memories (
	page INTEGER NOT NULL, 
	memory BLOB NOT NULL, 
	PRIMARY KEY (page), 
	FOREIGN KEY(page) REFERENCES pages (id) ON DELETE CASCADE
);
CREATE TABLE page_labels (
	page INTEGER NOT NULL, 
	generation INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	boilerplate FLOAT NOT NULL, 
	labels BLOB NOT NULL, 
	PRIMARY KEY (page, generation), 
	FOREIGN KEY(page) REFERENCES pages (id) ON DELETE CASCADE
);
CREATE TABLE page_sketches (
	page INTEGER NOT NULL, 
	generation INTEGER NOT NULL, 
	compared BOOLEAN NOT NULL, 
	shown BOOLEAN NOT NULL, 
	date TEXT NOT NULL, 
	part BLOB NOT NULL, 
	sketch BLOB NOT NULL, 
	PRIMARY KEY (page), 
	FOREIGN KEY(page) REFERENCES pages (id) ON DELETE CASCADE
);
CREATE TABLE page_pairs (
	a INTEGER NOT NULL, 
	b INTEGER NOT NULL, 
	PRIMARY KEY (a, b), 
	FOREIGN KEY(a) REFERENCES pages (id) ON DELETE CASCADE, 
	FOREIGN KEY(b) REFERENCES pages (id) ON DELETE CASCADE
);
CREATE INDEX ix_page_pairs_b ON page_pairs (b);
CREATE TABLE members (
	cluster INTEGER NOT NULL, 
	page INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	stop INTEGER NOT NULL, 
	similarity FLOAT NOT NULL, 
	kind TEXT NOT NULL, 
	representative BOOLEAN NOT NULL, 
	earliest BOOLEAN NOT NULL, 
	PRIMARY KEY (cluster, page, start, stop), 
	FOREIGN KEY(cluster) REFERENCES clusters (id) ON DELETE CASCADE, 
	FOREIGN KEY(page) REFERENCES pages (id) ON DELETE CASCADE
);
CREATE INDEX ix_members_page ON members (page);
CREATE TABLE duplicates (
	page INTEGER NOT NULL, 
	representative INTEGER NOT NULL, 
	similarity FLOAT NOT NULL, 
	PRIMARY KEY (page), 
	FOREIGN KEY(page) REFERENCES pages (id) ON DELETE CASCADE, 
	FOREIGN KEY(representative) REFERENCES pages (id) ON DELETE CASCADE
);
CREATE INDEX ix_duplicates_representative ON duplicates (representative);
CREATE TABLE passages (
	a INTEGER NOT NULL, 
	b INTEGER NOT NULL, 
	a_start INTEGER NOT NULL, 
	a_stop INTEGER NOT NULL, 
	b_start INTEGER NOT NULL, 
	b_stop INTEGER NOT NULL, 
	a_words INTEGER NOT NULL, 
	b_words INTEGER NOT NULL, 
	similarity FLOAT NOT NULL, 
	kind TEXT NOT NULL, 
	cluster INTEGER, 
	PRIMARY KEY (a, b, a_start, b_start), 
	FOREIGN KEY(a, b) REFERENCES page_pairs (a, b) ON DELETE CASCADE
);
