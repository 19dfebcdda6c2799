package dev.rehome.android

import android.net.Network
import android.os.Build
import androidx.annotation.RequiresApi
import dev.rehome.Resolver
import dev.rehome.ffi.Answer
import dev.rehome.ffi.Decoded
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.decodeAnswer
import dev.rehome.ffi.encodeQuestion
import kotlinx.coroutines.withTimeoutOrNull
import java.security.SecureRandom

/**
 * Asks Android's own resolver ([android.net.DnsResolver]), so that Private DNS, a VPN's servers and the chosen network's are
 * heeded. Android 10 (API 29) and later; [systemResolver] has what is older.
 *
 * A lookup that takes longer than the policy waits is cancelled, and is `Failed(TIMEOUT)`. An answer cut short is asked for
 * again over TCP by the platform; one that is still cut short is `Failed(MALFORMED)`.
 */
@RequiresApi(Build.VERSION_CODES.Q)
public class AndroidDnsResolver internal constructor(private val dns: RawDns, private val network: () -> Network?) : Resolver {
    /** @param network asked before each lookup; null is the network that the app uses anyway. */
    public constructor(network: () -> Network? = { null }) : this(PlatformDns, network)

    private val ids = SecureRandom()

    override suspend fun lookup(name: String, kind: LookupKind, timeoutMs: Long): Answer {
        val question = try {
            encodeQuestion(name, kind, ids.nextInt(IDS))
        } catch (_: RehomeException) {
            return Answer.Failed(LookupFailure.OTHER)
        }
        val reply = withTimeoutOrNull(timeoutMs) { dns.reply(question, network()) }
        return when (reply) {
            null -> Answer.Failed(LookupFailure.TIMEOUT)
            is RawDns.Reply.Failed -> Answer.Failed(reply.cause)
            is RawDns.Reply.Message -> read(reply.bytes, name, kind)
        }
    }

    /** The number is not compared: the platform has done so, and may have used another towards the server. */
    private fun read(message: ByteArray, name: String, kind: LookupKind): Answer = try {
        when (val decoded = decodeAnswer(message, name, kind)) {
            is Decoded.Answer -> decoded.answer
            Decoded.Truncated -> Answer.Failed(LookupFailure.MALFORMED)
        }
    } catch (_: RehomeException) {
        Answer.Failed(LookupFailure.MALFORMED)
    }

    private companion object {
        const val IDS = 65_536
    }
}
