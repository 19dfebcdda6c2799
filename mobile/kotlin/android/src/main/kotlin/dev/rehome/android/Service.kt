package dev.rehome.android

import android.content.Context

/** A service of the system's that every app has. */
internal inline fun <reified T : Any> Context.service(): T = checkNotNull(getSystemService(T::class.java)) {
    "context: it has no ${T::class.java.simpleName}: hand in the application's own"
}
