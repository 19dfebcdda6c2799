package dev.rehome.android

import android.content.Context
import android.net.ConnectivityManager
import android.os.Build
import dev.rehome.DnsJavaResolver
import dev.rehome.Resolver
import dev.rehome.ffi.Answer
import dev.rehome.ffi.LookupFailure
import org.xbill.DNS.ExtendedResolver
import org.xbill.DNS.SimpleResolver
import java.net.InetAddress
import java.net.InetSocketAddress

/**
 * The resolver that this Android has: [AndroidDnsResolver] from Android 10 (API 29) on. Before that, dnsjava asks the servers of
 * the network in use, without Private DNS: an application that runs there names dnsjava among its own dependencies.
 */
public fun systemResolver(context: Context): Resolver =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) AndroidDnsResolver() else OlderAndroid.resolver(context)

/** Apart, so that dnsjava's classes are not looked for where they are not needed. */
internal object OlderAndroid {
    fun resolver(context: Context): Resolver {
        val connectivity = context.service<ConnectivityManager>()
        return over { connectivity.getLinkProperties(connectivity.activeNetwork)?.dnsServers.orEmpty() }
    }

    /** Asks for the servers before each lookup: they are another network's after a change. */
    fun over(servers: () -> List<InetAddress>): Resolver = Resolver { name, kind, timeoutMs ->
        val found = servers().map { SimpleResolver(InetSocketAddress(it, PORT)) }
        if (found.isEmpty()) {
            Answer.Failed(LookupFailure.NETWORK)
        } else {
            DnsJavaResolver(ExtendedResolver(found)).lookup(name, kind, timeoutMs)
        }
    }

    private const val PORT = 53
}
