/**
 * Secret patterns: files in which programs keep credentials by default, as patterns of gitignore(5).
 *
 * They go by names alone, since what is left out must be told again from the names when a directory is restored. So they have what is a
 * secret by its very purpose, and not what may be one: `*.pem` mostly is a public certificate that programs need. A pattern with a slash
 * in it begins with `**`, or it would mean the captured directory alone.
 */
import createIgnore from "ignore";

/** A pattern, and what it stands for. */
interface SecretPattern {
  readonly pattern: string;
  /** What such a file holds; of one that begins with `!`, why it is kept. */
  readonly what: string;
}

const SECRETS: readonly SecretPattern[] = [
  { pattern: ".env", what: "settings of an application, mostly with its passwords (dotenv)" },
  { pattern: ".env.*", what: "the same for one surrounding, as .env.production" },
  { pattern: "*.env", what: "the same under a name, as docker compose reads it" },
  { pattern: ".envrc", what: "variables of a directory (direnv)" },
  { pattern: "!.env.example", what: "says which settings there are" },
  { pattern: "!.env.sample", what: "says which settings there are" },
  { pattern: "!.env.template", what: "says which settings there are" },
  { pattern: "!.env.dist", what: "says which settings there are" },
  { pattern: "!.env.defaults", what: "settings that are for everyone" },
  { pattern: "!.env.schema", what: "says which settings there are" },
  { pattern: "!example.env", what: "says which settings there are" },

  { pattern: "id_rsa", what: "a private key of ssh" },
  { pattern: "id_dsa", what: "a private key of ssh" },
  { pattern: "id_ecdsa", what: "a private key of ssh" },
  { pattern: "id_ed25519", what: "a private key of ssh" },
  { pattern: "id_ecdsa_sk", what: "a private key of ssh" },
  { pattern: "id_ed25519_sk", what: "a private key of ssh" },
  { pattern: "ssh_host_*_key", what: "a private key of an ssh server" },
  { pattern: "*.ppk", what: "a private key of PuTTY" },
  { pattern: "*.key", what: "a private key, as TLS servers name it" },
  { pattern: "key.pem", what: "a private key" },
  { pattern: "*-key.pem", what: "a private key, as mkcert names it" },
  { pattern: "*_key.pem", what: "a private key" },
  { pattern: "*.key.pem", what: "a private key" },
  { pattern: "privkey*.pem", what: "a private key, as certbot names it" },
  { pattern: "private*.pem", what: "a private key" },
  { pattern: "*.pk8", what: "a private key (PKCS #8)" },
  { pattern: "*.p12", what: "a private key with its certificate (PKCS #12)" },
  { pattern: "*.pfx", what: "a private key with its certificate (PKCS #12)" },
  { pattern: "*.jks", what: "a key store of Java" },
  { pattern: "*.keystore", what: "a key store of Java or Android" },
  { pattern: "*.kdbx", what: "a database of KeePass" },
  { pattern: ".gnupg/", what: "private keys of GnuPG" },
  { pattern: "secring.gpg", what: "private keys of GnuPG" },

  { pattern: "**/.aws/credentials", what: "keys for Amazon's services" },
  { pattern: "**/.aws/sso/cache/", what: "tokens for Amazon's services" },
  { pattern: "**/.aws/cli/cache/", what: "tokens for Amazon's services" },
  { pattern: "**/.config/gcloud/", what: "tokens for Google's services" },
  { pattern: "application_default_credentials.json", what: "tokens for Google's services" },
  { pattern: "**/.azure/accessTokens.json", what: "tokens for Microsoft's services" },
  { pattern: "**/.azure/msal_token_cache.*", what: "tokens for Microsoft's services" },
  { pattern: "**/.azure/service_principal_entries.*", what: "keys for Microsoft's services" },
  { pattern: "**/.config/doctl/", what: "a token for DigitalOcean" },
  { pattern: "**/.config/hcloud/", what: "a token for Hetzner" },
  { pattern: "**/.oci/*.pem", what: "keys for Oracle's services" },
  { pattern: ".terraformrc", what: "tokens for registries of Terraform" },
  { pattern: "**/.terraform.d/credentials.tfrc.json", what: "tokens for Terraform" },
  { pattern: "*.tfstate", what: "all values of Terraform, passwords among them" },
  { pattern: "*.tfstate.*", what: "the same, from before" },
  { pattern: ".vault-token", what: "a token for Vault" },
  { pattern: ".vault_pass*", what: "the password of Ansible's vaults" },

  { pattern: "**/.docker/config.json", what: "passwords for registries of containers" },
  { pattern: ".dockercfg", what: "passwords for registries of containers" },
  { pattern: "**/.config/containers/auth.json", what: "passwords for registries of containers" },
  { pattern: "**/.kube/config", what: "keys for Kubernetes" },
  { pattern: "**/.kube/cache/", what: "answers of Kubernetes, secrets among them" },
  { pattern: "kubeconfig", what: "keys for Kubernetes" },
  { pattern: "*.kubeconfig", what: "keys for Kubernetes" },

  { pattern: ".npmrc", what: "tokens for registries of npm" },
  { pattern: ".yarnrc.yml", what: "tokens for registries of npm, beside settings" },
  { pattern: ".pypirc", what: "passwords for PyPI" },
  { pattern: "**/.gem/credentials", what: "keys for RubyGems" },
  { pattern: "**/.cargo/credentials", what: "tokens for crates.io" },
  { pattern: "**/.cargo/credentials.toml", what: "tokens for crates.io" },
  { pattern: "**/.m2/settings.xml", what: "passwords for repositories of Maven" },
  { pattern: "**/.m2/settings-security.xml", what: "the password of these passwords" },
  { pattern: "**/.composer/auth.json", what: "tokens for Composer" },
  { pattern: "**/.nuget/NuGet.Config", what: "passwords for NuGet" },

  { pattern: ".netrc", what: "passwords for hosts, as curl and git read them" },
  { pattern: "_netrc", what: "the same on Windows" },
  { pattern: ".git-credentials", what: "passwords for git" },
  { pattern: "**/.config/git/credentials", what: "passwords for git" },
  { pattern: "**/.config/gh/hosts.yml", what: "tokens for GitHub" },
  { pattern: "**/.config/hub", what: "tokens for GitHub" },
  { pattern: "**/.config/glab-cli/", what: "tokens for GitLab" },
  { pattern: ".htpasswd", what: "hashes of passwords" },
  { pattern: ".pgpass", what: "passwords for PostgreSQL" },
  { pattern: ".my.cnf", what: "passwords for MySQL" },
  { pattern: ".mylogin.cnf", what: "passwords for MySQL" },
  { pattern: ".s3cfg", what: "keys for S3" },
  { pattern: ".boto", what: "keys for S3 and Google's storage" },
  { pattern: "**/.config/rclone/rclone.conf", what: "keys for whatever rclone reaches" },
  { pattern: ".smbcredentials", what: "passwords for shares" },
  { pattern: "**/.config/op/", what: "tokens for 1Password" },
  { pattern: ".password-store/", what: "passwords, encrypted (pass)" },
];

/** The patterns for `exclude` that `"secrets"` stands for, in their order: later ones take back what earlier ones leave out. */
export const secretPatterns: readonly string[] = SECRETS.map(({ pattern }) => pattern);

/** Returns what tells why a path was left out, where one of these patterns is the reason; `undefined` where none is in use. */
export function secretReasons(
  exclude: readonly string[],
): ((path: string) => string | undefined) | undefined {
  const inUse = new Set(exclude);
  const filters = SECRETS.filter(
    ({ pattern }) => !pattern.startsWith("!") && inUse.has(pattern),
  ).map(({ pattern, what }) => ({
    filter: createIgnore({ allowRelativePaths: true }).add(pattern),
    what,
  }));
  if (filters.length === 0) return undefined;
  const matches = (path: string) => filters.find(({ filter }) => filter.ignores(path))?.what;
  // A pattern that ends in a slash means directories.
  return (path) => matches(path) ?? matches(`${path}/`);
}
