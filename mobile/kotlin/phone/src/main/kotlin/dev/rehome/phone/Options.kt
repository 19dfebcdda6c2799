package dev.rehome.phone

import dev.rehome.ffi.Config
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.Transport
import dev.rehome.ffi.configFromJson
import dev.rehome.ffi.preset
import java.io.File
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.security.KeyStore
import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLSocketFactory
import javax.net.ssl.TrustManagerFactory

/** The command line cannot be used; the message is a sentence. */
class Usage(message: String) : Exception(message)

/** What a phone is started with: the native phone's command line. */
class Options(
    val config: Config,
    val dns: InetSocketAddress,
    val account: Account,
    val tls: SSLSocketFactory?,
    val seed: Long?,
    val start: Boolean,
) {
    companion object {
        private const val DEFAULT_DNS = "127.0.0.11:5300"
        private const val MAX_PORT = 65_535
        private val VALUED = setOf(
            "config", "preset", "srv", "proxy", "transport", "ca", "dns", "user", "password", "domain", "seed", "speed",
        )

        fun parse(arguments: Array<String>): Options {
            val given = HashMap<String, String>()
            val words = ArrayDeque(arguments.toList())
            while (words.isNotEmpty()) {
                val word = words.removeFirst()
                val name = word.removePrefix("--").substringBefore('=')
                if (!word.startsWith("--") || (name !in VALUED && name != "start")) {
                    throw Usage("$word is no option of this phone: use --start, ${VALUED.joinToString { "--$it" }}")
                }
                given[name] = when {
                    name == "start" -> ""
                    '=' in word -> word.substringAfter('=')
                    else -> words.removeFirstOrNull() ?: throw Usage("--$name needs a value")
                }
            }
            val speed = number(given, "speed", 1..100L) ?: 1
            val tls = given["ca"]?.let(::trust)
            val config = faster(config(given), speed)
            if (config.transport == Transport.TLS && tls == null) {
                throw Usage("the transport is tls, and nobody is believed: name the CA's certificate with --ca FILE")
            }
            val account = Account(user(given["user"] ?: "alice"), given["password"] ?: "secret", given["domain"] ?: config.domain)
            val seed = number(given, "seed", 0..(1L shl 53) - 1)
            return Options(config, server(given["dns"] ?: DEFAULT_DNS), account, tls, seed, "start" in given)
        }

        private fun config(given: Map<String, String>): Config {
            val file = given["config"]
            val config = try {
                when {
                    file != null -> configFromJson(File(file).readText())
                    else -> preset(given["preset"] ?: "default")
                }
            } catch (error: IOException) {
                throw Usage("--config $file: cannot be read (${error.message}); give the path of a JSON file")
            } catch (error: RehomeException) {
                throw Usage(if (file == null) "--preset: ${error.message}" else "--config $file: ${error.message}")
            }
            return config.copy(
                srvRecord = given["srv"] ?: config.srvRecord,
                outboundProxy = given["proxy"] ?: config.outboundProxy,
                transport = given["transport"]?.let(::transport) ?: config.transport,
            )
        }

        /** Divides the time-outs by [speed], down to the least values they may have. */
        private fun faster(config: Config, speed: Long): Config {
            if (speed == 1L) return config
            val shorter = { span: Long, least: Long -> maxOf(span / speed, least) }
            val rollover = config.rollover
            return config.copy(
                rollover = rollover.copy(
                    attemptTimeoutMs = shorter(rollover.attemptTimeoutMs, 1000),
                    retryIntervalMs = shorter(rollover.retryIntervalMs, 1000),
                    recoverySpreadMs = shorter(rollover.recoverySpreadMs, 0),
                ),
                refresh = config.refresh.copy(intervalMs = config.refresh.intervalMs?.let { shorter(it, 5000) }),
            )
        }

        private fun number(given: Map<String, String>, name: String, range: LongRange): Long? {
            val text = given[name] ?: return null
            return text.toLongOrNull()?.takeIf { it in range }
                ?: throw Usage("--$name $text: use a number from ${range.first} to ${range.last}")
        }

        private fun transport(text: String): Transport = when (text.lowercase()) {
            "udp" -> Transport.UDP
            "tcp" -> Transport.TCP
            "tls" -> Transport.TLS
            else -> throw Usage("--transport $text: this phone has udp, tcp and tls; choose one of them")
        }

        /** A name that needs no quoting, neither in a URI nor in digest authentication. */
        private fun user(text: String): String =
            text.takeIf { Regex("[A-Za-z0-9_.+-]{1,64}").matches(it) }
                ?: throw Usage("--user $text: use 1 to 64 letters, digits, and - _ . +")

        private fun server(text: String): InetSocketAddress {
            val port = text.substringAfterLast(':', "").toIntOrNull()
            val host = text.substringBeforeLast(':').removeSurrounding("[", "]")
            if (port == null || port !in 1..MAX_PORT || host.isEmpty() || !Regex("[0-9a-fA-F.:]+").matches(host)) {
                throw Usage("--dns $text: write ADDRESS:PORT, such as 127.0.0.1:53 or [::1]:53")
            }
            return InetSocketAddress(InetAddress.getByName(host), port)
        }

        /** Believes these CAs alone, none of the system's. */
        private fun trust(file: String): SSLSocketFactory {
            val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
            try {
                val found = File(file).inputStream().use { CertificateFactory.getInstance("X.509").generateCertificates(it) }
                if (found.isEmpty()) throw CertificateException("there is no certificate in it")
                found.forEachIndexed { index, certificate -> store.setCertificateEntry("$index", certificate) }
            } catch (error: IOException) {
                throw Usage("--ca $file: cannot be read (${error.message}); give the path of a PEM file")
            } catch (error: CertificateException) {
                throw Usage("--ca $file: is no list of CAs (${error.message}); give their certificates in PEM")
            }
            val managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
            return SSLContext.getInstance("TLS").apply { init(null, managers.trustManagers, null) }.socketFactory
        }
    }
}
